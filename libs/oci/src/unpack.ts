import { randomBytes } from 'node:crypto';
import { lstatSync, readlinkSync } from 'node:fs';
import { chmod, lchown, link, lutimes, mkdir, open, readdir, rename, rm, symlink } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import {
  BatonError,
  compareText,
  effect,
  ensureDir,
  ownerState,
  ownerTag,
  plural,
  removeTree,
  syncDir,
  writeAll,
} from '@baton/kernel';
import { resolveInRoot } from './root-path.ts';
import { ancestors, pathProblem, type TarHeader } from './tar-entry.ts';
import { invalidLayer } from './tar-extended.ts';
import type { TarReadEntry } from './tar-read.ts';

/** How to unpack. */
export interface UnpackOptions {
  /** Keeps setuid and setgid bits; by default they are dropped. */
  keepSetuid?: boolean;
  /** What is unpacked, as a person knows it; for errors. */
  where?: string;
}

/** What came of it: how many of each were made, and how many could not be made here. */
export interface UnpackResult {
  files: number;
  directories: number;
  symlinks: number;
  hardlinks: number;
  /** Devices and fifos, which are left out. */
  devices: number;
  /** Entries made without their extended attributes, which Node cannot set. */
  withoutXattrs: number;
}

/**
 * Makes a directory with the entries, complete or not at all: it is built beside its place and renamed at the end.
 *
 * Names cannot leave the directory: links above a name are followed as inside a container, and one that climbs above the
 * root is `LAYER_INVALID`, as is an entry below a file. Owners are set only as root; times always. `dir` must be absent
 * or empty, else `USAGE`.
 */
export async function unpackTo(
  dir: string,
  entries: AsyncIterable<TarReadEntry>,
  options: UnpackOptions = {},
): Promise<UnpackResult> {
  const target = resolve(dir);
  await demandEmpty(target);
  await ensureDir(dirname(target));
  await sweepSiblings(target);
  const root = join(dirname(target), `${siblingPrefix(target)}${ownerTag()}.${randomBytes(6).toString('hex')}.unpack`);
  await effect('mkdir', root, () => mkdir(root, { mode: 0o755 }));
  try {
    const unpacker = new Unpacker(root, options);
    for await (const { header, body } of entries) await unpacker.place(header, body);
    await unpacker.finishDirectories();
    await effect('rename', target, () => rename(root, target));
    await syncDir(dirname(target));
    return unpacker.result;
  } catch (error) {
    await rm(root, { recursive: true, force: true }).catch(() => undefined);
    throw error;
  }
}

class Unpacker {
  readonly result: UnpackResult = { files: 0, directories: 0, symlinks: 0, hardlinks: 0, devices: 0, withoutXattrs: 0 };
  readonly #root: string;
  readonly #where: string;
  readonly #modeMask: number;
  readonly #owned = process.geteuid?.() === 0;
  /** Directories that are there; null for those that no entry describes. */
  readonly #directories = new Map<string, TarHeader | null>();
  readonly #devices = new Set<string>();

  constructor(root: string, options: UnpackOptions) {
    this.#root = root;
    this.#where = options.where ?? 'the archive';
    this.#modeMask = options.keepSetuid === true ? 0o7777 : 0o1777;
  }

  async place(header: TarHeader, body: AsyncIterable<Uint8Array>): Promise<void> {
    const path = this.#inside(header.path);
    await this.#makeParents(path);
    if (header.xattrs !== undefined) this.result.withoutXattrs += 1;
    if (header.type === 'directory') return await this.#directory(path, header);
    await this.#clear(path);
    const at = join(this.#root, path);
    if (header.type === 'file') return await this.#file(at, header, body);
    if (header.type === 'symlink') return await this.#symlink(at, header);
    if (header.type === 'hardlink') return await this.#hardlink(at, path, header);
    this.#devices.add(path);
    this.result.devices += 1;
  }

  /** Directories get their modes and times last: a read-only one could take no children, and each child changes its time. */
  async finishDirectories(): Promise<void> {
    for (const [path, header] of [...this.#directories].sort(([a], [b]) => compareText(b, a))) {
      if (header === null) continue;
      const at = join(this.#root, path);
      await effect('write', at, () => this.#attributes(at, header));
    }
  }

  #inside(path: string): string {
    const wrong = pathProblem(path);
    if (wrong !== undefined) throw invalidLayer(this.#where, `an entry named ${JSON.stringify(path)}: ${wrong}`);
    return resolveInRoot(path, (at) => this.#linkAt(at), this.#where);
  }

  #linkAt(path: string): string | undefined {
    if (this.#directories.has(path)) return undefined;
    const at = join(this.#root, path);
    return lstatSync(at, { throwIfNoEntry: false })?.isSymbolicLink() === true ? readlinkSync(at) : undefined;
  }

  async #makeParents(path: string): Promise<void> {
    for (const above of [...ancestors(path)].reverse()) {
      if (!this.#directories.has(above)) await this.#makeDirectory(above, path);
    }
  }

  async #makeDirectory(path: string, wantedBy: string): Promise<void> {
    const at = join(this.#root, path);
    if (lstatSync(at, { throwIfNoEntry: false }) !== undefined) {
      throw invalidLayer(this.#where, `the entry "${wantedBy}" below "${path}", which is not a directory`);
    }
    // The mode that counts comes at the end.
    await effect('mkdir', at, () => mkdir(at, { mode: 0o755 }));
    this.#directories.set(path, null);
  }

  async #directory(path: string, header: TarHeader): Promise<void> {
    if (!this.#directories.has(path)) {
      await this.#clear(path);
      await this.#makeDirectory(path, path);
    }
    if ((this.#directories.get(path) ?? null) === null) this.result.directories += 1;
    this.#directories.set(path, header);
  }

  /** Makes room for an entry whose path came before: the last one counts, except in place of a directory. */
  async #clear(path: string): Promise<void> {
    if (this.#directories.has(path)) {
      throw invalidLayer(this.#where, `the directory "${path}" and something else with the same path`);
    }
    const at = join(this.#root, path);
    if (lstatSync(at, { throwIfNoEntry: false }) !== undefined) await effect('unlink', at, () => rm(at));
  }

  async #file(at: string, header: TarHeader, body: AsyncIterable<Uint8Array>): Promise<void> {
    await effect('write', at, async () => {
      const handle = await open(at, 'wx', 0o600);
      try {
        for await (const chunk of body) await writeAll(handle, chunk);
      } finally {
        await handle.close();
      }
      await this.#attributes(at, header);
    });
    this.result.files += 1;
  }

  async #symlink(at: string, header: TarHeader): Promise<void> {
    await effect('link', at, async () => {
      await symlink(header.linkTarget ?? '', at);
      if (this.#owned) await lchown(at, header.uid, header.gid);
      await lutimes(at, header.mtime, header.mtime);
    });
    this.result.symlinks += 1;
  }

  async #hardlink(at: string, path: string, header: TarHeader): Promise<void> {
    const target = this.#inside(header.linkTarget ?? '');
    if (this.#devices.has(target)) {
      this.#devices.add(path);
      this.result.devices += 1;
      return;
    }
    const from = join(this.#root, target);
    const found = lstatSync(from, { throwIfNoEntry: false });
    if (found === undefined || found.isDirectory()) {
      const what = found === undefined ? 'not there' : 'a directory';
      throw invalidLayer(this.#where, `the hard link "${header.path}" to "${header.linkTarget}", which is ${what}`);
    }
    await effect('link', at, () => link(from, at));
    this.result.hardlinks += 1;
  }

  // The owner first: changing it drops setuid bits.
  async #attributes(at: string, header: TarHeader): Promise<void> {
    if (this.#owned) await lchown(at, header.uid, header.gid);
    await chmod(at, header.mode & this.#modeMask);
    await lutimes(at, header.mtime, header.mtime);
  }
}

async function demandEmpty(dir: string): Promise<void> {
  const there = lstatSync(dir, { throwIfNoEntry: false });
  if (there === undefined) return;
  const names = there.isDirectory() ? await readdir(dir) : undefined;
  if (names?.length === 0) return;
  const found = names === undefined ? 'something else' : plural(names.length, 'entry in it', 'entries in it');
  throw new BatonError('USAGE', `expected ${dir} to be absent or an empty directory, found ${found}`, {
    hint: 'Name another directory, or remove this one first.',
  });
}

function siblingPrefix(dir: string): string {
  return `.${basename(dir).slice(0, 64)}.`;
}

/** Removes what killed runs left beside the directory. */
async function sweepSiblings(dir: string): Promise<void> {
  const prefix = siblingPrefix(dir);
  for (const name of (await readdir(dirname(dir))).sort(compareText)) {
    if (!name.startsWith(prefix)) continue;
    const [, owner] = /^([^.]+)\.[0-9a-f]{12}\.unpack$/.exec(name.slice(prefix.length)) ?? [];
    if (owner !== undefined && ownerState(owner) === 'gone') await removeTree(join(dirname(dir), name));
  }
}
