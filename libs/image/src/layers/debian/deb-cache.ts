import { createReadStream } from 'node:fs';
import { open, readdir, rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
import {
  BatonError,
  digestHex,
  effect,
  ensureDir,
  errnoOf,
  Hasher,
  plural,
  removeFile,
  succeeded,
  syncDir,
} from '@baton/kernel';
import { withWorkDir } from '../work-dir.ts';
import { type AptPackage, aptFailed } from './apt-lookup.ts';
import type { Apt } from './apt-state.ts';

/** Where a package is kept: its name in the cache says package, version and content. */
export function debPath(apt: Apt, item: AptPackage): string {
  return join(apt.dir, 'debs', `${item.package}_${encodeURIComponent(item.version)}_${item.sha256}.deb`);
}

/** The packages that are not in the cache, or not with the right size. */
export async function absentDebs(apt: Apt, items: readonly AptPackage[]): Promise<AptPackage[]> {
  const present = await Promise.all(
    items.map(async (item) => {
      const found = await stat(debPath(apt, item)).catch((error: unknown) => {
        if (errnoOf(error) === 'ENOENT') return undefined;
        throw error;
      });
      return found?.size === item.size;
    }),
  );
  return items.filter((_, index) => present[index] !== true);
}

/**
 * Makes every package be in the cache with the promised content: what is there is hashed, what is missing or damaged is
 * downloaded by apt, which checks it against the signed lists. Call it inside `apt.alone`.
 *
 * Errors: `PACKAGE_UNAVAILABLE`, `BASE_DRIFT` (the archive gave other bytes under this version), `TOOL_MISSING`.
 */
export async function ensureDebs(apt: Apt, items: readonly AptPackage[]): Promise<void> {
  const wanted: AptPackage[] = [];
  for (const item of items) {
    const path = debPath(apt, item);
    const found = await digestOf(path, apt.io.signal);
    if (found === item.sha256) continue;
    if (found !== undefined) {
      apt.io.emit({ type: 'warn', label: 'a cached Debian package is damaged and is fetched again', detail: path });
      await removeFile(path);
    }
    wanted.push(item);
  }
  if (wanted.length > 0) await download(apt, wanted);
}

async function download(apt: Apt, items: readonly AptPackage[]): Promise<void> {
  const total = items.length;
  const event = { id: `debs:${apt.architecture}`, label: `${plural(total, 'Debian package')} for ${apt.architecture}` };
  apt.io.emit({ type: 'fetch.start', ...event, total, unit: 'items' });
  let done = 0;
  const onStdout = (chunk: Buffer): void => {
    const more = chunk.toString('latin1').match(/^Get:\d/gm)?.length ?? 0;
    if (more === 0) return;
    done = Math.min(total, done + more);
    apt.io.emit({ type: 'fetch.progress', ...event, done, total, unit: 'items' });
  };
  await withWorkDir(apt.dir, 'download', async (dir) => {
    const names = items.map((item) => `${item.package}=${item.version}`);
    const result = await apt.run('apt-get', ['-q', 'download', ...names], { cwd: dir, onStdout });
    if (!succeeded(result)) throw aptFailed('apt-get download', result.stderr.toString('utf8'));
    const files = await readdir(dir);
    for (const item of items) await keep(apt, dir, files, item);
  });
  apt.io.emit({ type: 'fetch.end', ...event, done: total, total, unit: 'items' });
}

async function keep(apt: Apt, dir: string, files: readonly string[], item: AptPackage): Promise<void> {
  const file = files.find((name) => name.startsWith(`${item.package}_`) && name.endsWith('.deb'));
  if (file === undefined) {
    throw new BatonError('PACKAGE_UNAVAILABLE', `apt-get download brought no file for ${item.package}=${item.version}`);
  }
  const from = join(dir, file);
  const found = await digestOf(from, apt.io.signal);
  if (found !== item.sha256) {
    throw new BatonError(
      'BASE_DRIFT',
      `Debian package ${item.package} ${item.version} has other bytes: sha256 ${item.sha256} expected, ${found} found`,
      { hint: 'Run "baton image lock" to look at the archive again.', retryable: true },
    );
  }
  const to = debPath(apt, item);
  await ensureDir(join(apt.dir, 'debs'));
  await effect('fsync', from, async () => {
    const handle = await open(from, 'r+');
    try {
      await handle.chmod(0o644);
      await handle.sync();
    } finally {
      await handle.close();
    }
  });
  await effect('rename', to, () => rename(from, to));
  await syncDir(join(apt.dir, 'debs'));
}

async function digestOf(path: string, signal: AbortSignal | undefined): Promise<string | undefined> {
  const hasher = new Hasher();
  try {
    for await (const chunk of createReadStream(path, { highWaterMark: 256 * 1024, signal })) hasher.update(chunk);
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined;
    throw error;
  }
  return digestHex(hasher.digest());
}
