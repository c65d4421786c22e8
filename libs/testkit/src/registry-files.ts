import { createReadStream } from 'node:fs';
import { mkdir, open, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/**
 * Named byte strings, in memory or on disk: what a test registry keeps. Names are '/'-separated.
 *
 * It does not use the kernel's effects: a registry that runs inside a test must not count among the effects under test.
 */
export interface Files {
  read(name: string): Promise<Buffer | undefined>;
  write(name: string, bytes: Uint8Array): Promise<void>;
  /** Adds to the end; makes the file. */
  append(name: string, chunk: Uint8Array): Promise<void>;
  size(name: string): Promise<number | undefined>;
  /** Bytes from `start` on. */
  stream(name: string, start: number): AsyncIterable<Buffer>;
  move(from: string, to: string): Promise<void>;
  remove(name: string): Promise<void>;
  /** The names directly below a directory, sorted. */
  list(directory: string): Promise<string[]>;
}

/** Files that vanish with the process. */
export function memoryFiles(): Files {
  const files = new Map<string, Buffer[]>();
  const whole = (name: string): Buffer | undefined => {
    const parts = files.get(name);
    if (parts === undefined) return undefined;
    const bytes = parts.length === 1 && parts[0] !== undefined ? parts[0] : Buffer.concat(parts);
    files.set(name, [bytes]);
    return bytes;
  };
  return {
    read: async (name) => whole(name),
    write: async (name, bytes) => void files.set(name, [Buffer.from(bytes)]),
    async append(name, chunk) {
      const parts = files.get(name) ?? [];
      parts.push(Buffer.from(chunk));
      files.set(name, parts);
    },
    size: async (name) => files.get(name)?.reduce((sum, part) => sum + part.byteLength, 0),
    async *stream(name, start) {
      const bytes = whole(name) ?? Buffer.alloc(0);
      for (let at = start; at < bytes.byteLength; at += 65_536) yield bytes.subarray(at, at + 65_536);
    },
    async move(from, to) {
      files.set(to, files.get(from) ?? []);
      files.delete(from);
    },
    remove: async (name) => void files.delete(name),
    async list(directory) {
      const names = new Set<string>();
      for (const name of files.keys()) {
        if (name.startsWith(`${directory}/`)) names.add(name.slice(directory.length + 1).split('/')[0] ?? '');
      }
      return [...names].sort();
    },
  };
}

/** Files below a directory, which outlive the registry. */
export function diskFiles(root: string): Files {
  const path = (name: string): string => join(root, name);
  const parent = (name: string): Promise<unknown> => mkdir(dirname(path(name)), { recursive: true });
  return {
    read: (name) => readFile(path(name)).catch(() => undefined),
    async write(name, bytes) {
      await parent(name);
      await writeFile(path(name), bytes);
    },
    async append(name, chunk) {
      await parent(name);
      const handle = await open(path(name), 'a');
      try {
        await handle.writeFile(chunk);
      } finally {
        await handle.close();
      }
    },
    size: async (name) => (await stat(path(name)).catch(() => undefined))?.size,
    stream: (name, start) => createReadStream(path(name), { start }),
    async move(from, to) {
      await parent(to);
      await rename(path(from), path(to));
    },
    remove: (name) => rm(path(name), { force: true }),
    list: async (directory) => (await readdir(path(directory)).catch(() => [])).sort(),
  };
}
