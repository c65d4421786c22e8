import { stat, statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { BatonError, runProcess, toolEnv } from '@baton/kernel';
import { type TarEntry, type TarReadEntry, writeTar } from '@baton/oci';

const TOOL = 'tar2sqfs';
/**
 * Everything that decides the bytes, and what keeps the program small: the number of jobs and the length of the queue
 * do not change the result.
 */
const FIXED = ['--compressor', 'zstd', '--comp-extra', 'level=3', '--block-size', '131072'];
const SMALL = ['--num-jobs', '2', '--queue-backlog', '8'];
/** Namespaces of extended attributes that squashfs knows (Linux, fs/squashfs/xattr.c). */
const XATTRS = /^(user|trusted|security)\../s;
const LATEST = 2 ** 32 - 1;
/** Bytes that an entry without content takes at most, names and a block of padding included. */
const OVERHEAD = 8192;

/** Name, version and options of the program that makes squashfs files; part of the key. Errors: `TOOL_MISSING`. */
export async function squashfsTool(signal: AbortSignal | undefined): Promise<string> {
  const { stdout } = await runProcess({
    command: TOOL,
    args: ['--version'],
    env: toolEnv(),
    signal,
    timeout: 10_000,
  }).catch((error: unknown) => {
    throw error instanceof BatonError && error.code === 'TOOL_MISSING' ? missing(error) : error;
  });
  const version = stdout.toString('utf8').split('\n', 1)[0]?.trim() ?? '';
  return `${version.startsWith(TOOL) ? version : `${TOOL} ${version}`} ${FIXED.join(' ')}`;
}

/**
 * Writes entries as a squashfs file system to a path that is absent, by piping them into `tar2sqfs`. It ends with this
 * process, because its input does. Errors: `TOOL_MISSING`, `TOOL_FAILED`, `DISK_FULL`, `INTERRUPTED`.
 */
export async function writeSquashfs(
  entries: AsyncIterable<TarReadEntry>,
  path: string,
  signal: AbortSignal,
): Promise<{ withoutXattrs: number }> {
  const counts = { withoutXattrs: 0, fed: 0 };
  const {
    code,
    signal: by,
    stderr,
  } = await runProcess({
    command: TOOL,
    args: ['--quiet', '--no-skip', ...FIXED, ...SMALL, path],
    env: toolEnv(),
    stdin: writeTar(holdable(entries, counts)),
    signal,
  }).catch((error: unknown) => {
    throw error instanceof BatonError && error.code === 'TOOL_MISSING' ? missing(error) : error;
  });
  if (code === 0 && (await stat(path).catch(() => undefined)) !== undefined) {
    return { withoutXattrs: counts.withoutXattrs };
  }
  const said = stderr.toString('utf8').trimEnd();
  if (await mayBeFull(said, dirname(path), counts.fed)) {
    throw new BatonError('DISK_FULL', `no space left for ${path}; what was half-written is removed`, {
      hint: 'Free some space (or set BATON_CACHE_DIR to a larger disk) and run it again.',
      retryable: true,
    });
  }
  const last = said.split('\n').at(-1) ?? '';
  const how = code === 0 ? '0 and left no file' : (code ?? by);
  throw new BatonError('TOOL_FAILED', `${TOOL} ended with ${how}${last === '' ? '' : `: ${last}`}`, {
    hint: 'Try --format tar, which needs no program.',
  });
}

/** The same entries with what squashfs can hold of them: times from 1970 to 2106, attributes of three namespaces. */
async function* holdable(
  entries: AsyncIterable<TarReadEntry>,
  counts: { withoutXattrs: number; fed: number },
): AsyncGenerator<TarEntry> {
  for await (const { header, body } of entries) {
    counts.fed += OVERHEAD + header.size;
    const { xattrs, ...rest } = header;
    const kept = Object.entries(xattrs ?? {}).filter(([name]) => XATTRS.test(name));
    if (kept.length < Object.keys(xattrs ?? {}).length) counts.withoutXattrs += 1;
    const entry: TarEntry = { ...rest, mtime: Math.min(Math.max(header.mtime, 0), LATEST) };
    if (kept.length > 0) entry.xattrs = Object.fromEntries(kept);
    if (header.type === 'file') entry.content = () => body;
    yield entry;
  }
}

// The program says no more than "I/O error". What it wrote is smaller than what it was given and is gone by now: when as
// much as that would fit, the disk was not full.
async function mayBeFull(said: string, dir: string, fed: number): Promise<boolean> {
  if (/No space left on device|Disk quota exceeded/.test(said)) return true;
  if (!/I\/O error/.test(said)) return false;
  const { bavail, bsize } = await statfs(dir);
  return bavail * bsize < fed;
}

function missing(cause: BatonError): BatonError {
  return new BatonError('TOOL_MISSING', `the program "${TOOL}" was not found; it makes squashfs files`, {
    hint: 'Install the package squashfs-tools-ng, or use --format tar.',
    cause,
  });
}
