import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, readdir, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { BatonError, effect, errnoOf, removeFile, syncDir, withLock, writeFileAtomic } from '@baton/kernel';
import type { SourceIo } from '../resolved-layer.ts';
import { withWorkDir } from '../work-dir.ts';
import { type NpmSpec, runNpm } from './npm-run.ts';

/** A package's archive in the cache. */
export interface NpmArchive {
  /** `sha512-<base64>`. */
  integrity: string;
  /** Absolute path of the `.tgz`. */
  path: string;
}

/** Where an archive with this integrity is kept: `<cacheDir>/v1/npm/<sha512>.tgz`. */
export function archivePath(cacheDir: string, integrity: string): string {
  return join(npmDir(cacheDir), `${integrityHex(integrity)}.tgz`);
}

/** The sha512 of an integrity as hexadecimal digits. */
export function integrityHex(integrity: string): string {
  return Buffer.from(integrity.replace(/^sha512-/, ''), 'base64').toString('hex');
}

/**
 * Gives the archive of a package: out of the cache when it is there with the wanted bytes, else by `npm pack` with the
 * user's own npm configuration, without running any script, checked and kept for later.
 *
 * @param integrity what the archive must be; undefined takes what the registry has
 *
 * Errors: `BASE_DRIFT` (other bytes than wanted), `PACKAGE_UNAVAILABLE`, `TOOL_MISSING`, `TIMEOUT`, `INTERRUPTED`.
 */
export async function fetchNpm(spec: NpmSpec, integrity: string | undefined, io: SourceIo): Promise<NpmArchive> {
  const kept = await fromCache(integrity, io);
  if (kept !== undefined) return kept;
  const name = `${spec.name}@${spec.version}`;
  const lock = { signal: io.signal, onWait: () => io.emit({ type: 'note', label: `another run fetches ${name}` }) };
  return await withLock(
    `npm:${npmDir(io.cacheDir)}:${name}`,
    async () => {
      // Whoever held the lock may have brought it.
      const brought = await fromCache(integrity ?? (await knownIntegrity(spec, io.cacheDir)), io);
      return brought ?? (await bring(spec, integrity, io));
    },
    lock,
  );
}

/** The integrity that this machine saw for a package before, or undefined. */
export async function knownIntegrity(spec: NpmSpec, cacheDir: string): Promise<string | undefined> {
  const text = await readText(memoPath(spec, cacheDir));
  return text !== undefined && /^sha512-[A-Za-z0-9+/]{86}==$/.test(text.trim()) ? text.trim() : undefined;
}

async function fromCache(integrity: string | undefined, io: SourceIo): Promise<NpmArchive | undefined> {
  if (integrity === undefined) return undefined;
  const path = archivePath(io.cacheDir, integrity);
  const found = await integrityOf(path, io.signal);
  if (found === undefined) return undefined;
  if (found === integrity) return { integrity, path };
  io.emit({ type: 'warn', label: 'a cached npm package is damaged and is fetched again', detail: path });
  await removeFile(path);
  return undefined;
}

async function bring(spec: NpmSpec, wanted: string | undefined, io: SourceIo): Promise<NpmArchive> {
  const name = `${spec.name}@${spec.version}`;
  const event = { id: `npm:${name}`, label: `npm package ${name}` };
  io.emit({ type: 'fetch.start', ...event });
  const archive = await withWorkDir(npmDir(io.cacheDir), 'pack', async (dir) => {
    const packed = await pack(spec, dir, io);
    const integrity = (await integrityOf(packed, io.signal)) ?? '';
    if (wanted !== undefined && wanted !== integrity) throw drifted(name, wanted, integrity);
    const path = archivePath(io.cacheDir, integrity);
    await keep(packed, path);
    return { integrity, path };
  });
  await writeFileAtomic(memoPath(spec, io.cacheDir), `${archive.integrity}\n`);
  io.emit({ type: 'fetch.end', ...event });
  return archive;
}

async function pack(spec: NpmSpec, into: string, io: SourceIo): Promise<string> {
  await runNpm(
    ['pack', `${spec.name}@${spec.version}`, '--ignore-scripts', '--dry-run=false', `--pack-destination=${into}`],
    spec,
    io,
  );
  const [file, ...others] = (await readdir(into)).filter((name) => name.endsWith('.tgz'));
  if (file !== undefined && others.length === 0) return join(into, file);
  throw new BatonError('TOOL_FAILED', `npm pack wrote ${others.length + (file ? 1 : 0)} archives, expected one`);
}

async function keep(packed: string, path: string): Promise<void> {
  await effect('fsync', packed, async () => {
    const handle = await open(packed, 'r+');
    try {
      await handle.chmod(0o644);
      await handle.sync();
    } finally {
      await handle.close();
    }
  });
  await effect('rename', path, () => rename(packed, path));
  await syncDir(join(path, '..'));
}

async function integrityOf(path: string, signal: AbortSignal | undefined): Promise<string | undefined> {
  const hash = createHash('sha512');
  try {
    for await (const chunk of createReadStream(path, { highWaterMark: 1024 * 1024, signal })) hash.update(chunk);
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined;
    throw error;
  }
  return `sha512-${hash.digest('base64')}`;
}

async function readText(path: string): Promise<string | undefined> {
  return await readFile(path, 'utf8').catch((error: unknown) => {
    if (errnoOf(error) === 'ENOENT') return undefined;
    throw error;
  });
}

function npmDir(cacheDir: string): string {
  return join(cacheDir, 'v1', 'npm');
}

function memoPath(spec: NpmSpec, cacheDir: string): string {
  return join(npmDir(cacheDir), `${encodeURIComponent(`${spec.name}@${spec.version}`)}.integrity`);
}

function drifted(name: string, wanted: string, found: string): BatonError {
  return new BatonError(
    'BASE_DRIFT',
    `npm package ${name} is not what the lock says: ${wanted} locked, ${found} found`,
    {
      hint: 'A published version never changes: find out where the other bytes come from before running "baton image lock".',
      details: { package: name, locked: wanted, found },
    },
  );
}
