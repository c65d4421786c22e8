import { chmodSync, linkSync, mkdirSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { TreeEntry } from './scenario.ts';

/** What the root of a recorded host can run; all of them are links to one static busybox. */
export const APPLETS =
  'sh env cat printf sleep kill dd echo sort pwd ls stat test true false mkdir rm head tail tr seq date touch id chmod readlink grep wc od yes cut basename dirname ln mv cp'.split(
    ' ',
  );

/** Lays the entries out below `root`, in their order; parents that are missing get mode 0755. */
export function layEntries(root: string, entries: readonly TreeEntry[]): void {
  for (const entry of entries) {
    const path = join(root, entry.path);
    if (entry.type === 'delete') {
      rmSync(path, { recursive: true, force: true });
      continue;
    }
    mkdirSync(dirname(path), { recursive: true, mode: 0o755 });
    if (entry.type === 'symlink') symlinkSync(entry.target ?? '', path);
    else if (entry.type === 'dir') mkdirSync(path, { recursive: true });
    else writeFileSync(path, contentsOfEntry(entry));
    if (entry.type !== 'symlink')
      chmodSync(path, Number.parseInt(entry.mode ?? (entry.type === 'dir' ? '755' : '644'), 8));
    if (entry.mtime !== undefined) utimesSync(path, entry.mtime, entry.mtime);
  }
}

/** Puts busybox and its links into `root`/bin, and an empty /tmp beside it. */
export function layBusyboxRoot(root: string, busybox: string, removed: readonly string[] = []): void {
  mkdirSync(join(root, 'bin'), { recursive: true });
  linkSync(busybox, join(root, 'bin/busybox'));
  for (const applet of APPLETS) {
    if (!removed.includes(applet)) symlinkSync('busybox', join(root, 'bin', applet));
  }
  mkdirSync(join(root, 'tmp'), { recursive: true });
  chmodSync(join(root, 'tmp'), 0o1777);
}

function contentsOfEntry({ path, utf8, b64, generate }: TreeEntry): Buffer {
  if (utf8 !== undefined) return Buffer.from(utf8);
  if (b64 !== undefined) return Buffer.from(b64, 'base64');
  if (generate?.kind === 'repeat') return Buffer.from(generate.unit.repeat(generate.count) + (generate.tail ?? ''));
  if (generate?.kind !== 'numbered-lines') throw new Error(`nothing says what is in ${path}`);
  const [, before = '', width = '', after = ''] = /^([^%]*)%0(\d+)d([^%]*)$/.exec(generate.format) ?? [];
  if (width === '') throw new Error(`${path}: only one %0Nd is understood, not ${generate.format}`);
  const line = (_: unknown, i: number): string => before + String(i).padStart(Number(width), '0') + after;
  return Buffer.from(Array.from({ length: generate.count }, line).join(''));
}
