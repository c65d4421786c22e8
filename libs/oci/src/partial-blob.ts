import { createReadStream } from 'node:fs';
import { open, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import {
  BatonError,
  compareText,
  type Digest,
  digestHex,
  effect,
  ensureDir,
  Hasher,
  ownerState,
  ownerTag,
  removeFile,
  temporaryName,
  writeAll,
} from '@baton/kernel';
import { absent } from './store-errors.ts';

/** Milliseconds without a byte after which a part of an owner of whom nobody can say is taken to be nobody's. */
const UNHEARD = 60 * 60_000;
/** Milliseconds after which a part that nobody went on with is removed. */
const STALE = 7 * 24 * 60 * 60_000;
const CHUNK = 256 * 1024;

/** The beginning of a blob on disk, under a name that only this process uses. */
export interface Part {
  path: string;
  /** Bytes that are there. */
  size: number;
}

/**
 * Brings the bytes behind those that are there already, or all of them.
 *
 * @param part what is there: to be read to its end before anything is yielded; undefined when that is nothing
 */
export type Bring = (part: AsyncIterable<Uint8Array> | undefined) => AsyncIterable<Uint8Array>;

/**
 * Takes what earlier tries left of a blob in `folder`, and makes it this process's own by renaming it: so two processes
 * never write one part, wherever they run. What a living process has is left to it.
 *
 * Names: `<hex>.part` when a try gave up, `.<hex>.<owner>.<random>.part` while one is under way or was killed.
 */
export async function claimPart(folder: string, digest: Digest): Promise<Part> {
  await ensureDir(folder);
  const hex = digestHex(digest);
  const own = temporaryName(join(folder, hex)).replace(/tmp$/, 'part');
  const left = await partsIn(folder, (name) => name.startsWith(`${hex}.`) || name.startsWith(`.${hex}.`));
  let size = 0;
  // The longest is the best; two of one blob begin alike.
  for (const part of left.sort((a, b) => b.size - a.size)) {
    if (size > 0) await removeFile(part.path);
    else if (await takeOver(part.path, own)) size = part.size;
  }
  return { path: own, size };
}

async function takeOver(from: string, to: string): Promise<boolean> {
  const state = { moved: false };
  await effect('rename', to, async () => {
    await rename(from, to).then(() => {
      state.moved = true;
    }, absent);
  });
  return state.moved;
}

/** Leaves a part to whoever tries next; one without bytes is removed. */
export async function leavePart(folder: string, digest: Digest, part: Part): Promise<void> {
  const found = await stat(part.path).catch(absent);
  if (found === undefined) return;
  const free = join(folder, `${digestHex(digest)}.part`);
  if (found.size === 0) await rm(part.path, { force: true });
  else await effect('rename', free, () => rename(part.path, free));
}

/**
 * Writes what `bring` brings behind a part, and makes sure of it on disk. `DIGEST_MISMATCH` when the whole is not the
 * blob that was promised: then the part is worthless, too.
 */
export async function completePart(part: Part, blob: { digest: Digest; size: number }, bring: Bring): Promise<void> {
  await effect('write', part.path, async () => {
    const hasher = new Hasher();
    const here = async function* (): AsyncGenerator<Uint8Array> {
      for await (const chunk of createReadStream(part.path, { highWaterMark: CHUNK })) {
        hasher.update(chunk as Buffer);
        yield chunk as Buffer;
      }
    };
    const handle = await open(part.path, 'a', 0o600);
    try {
      for await (const chunk of bring(part.size === 0 ? undefined : here())) {
        hasher.update(chunk);
        if (hasher.size > blob.size) break;
        await writeAll(handle, chunk);
      }
      if (hasher.size !== blob.size || hasher.digest() !== blob.digest) throw mismatch(blob, hasher);
      await handle.chmod(0o644);
      await handle.sync();
    } finally {
      await handle.close();
    }
  });
}

function mismatch(blob: { digest: Digest; size: number }, hasher: Hasher): BatonError {
  const found = hasher.size === blob.size ? 'other bytes' : hasher.size > blob.size ? 'more' : `${hasher.size} bytes`;
  return new BatonError('DIGEST_MISMATCH', `expected a blob of ${blob.digest}, ${blob.size} bytes, found ${found}`, {
    hint: 'Run it again; if it happens again, where the bytes come from is damaged.',
    retryable: true,
  });
}

/** Removes the parts that nobody went on with for a week. */
export async function sweepParts(folder: string): Promise<void> {
  for (const { path, changed } of await partsIn(folder, () => true)) {
    if (Date.now() - changed > STALE) await removeFile(path);
  }
}

/** The parts that belong to no living process. */
async function partsIn(
  folder: string,
  wanted: (name: string) => boolean,
): Promise<{ path: string; size: number; changed: number }[]> {
  const names = ((await readdir(folder).catch(absent)) ?? []).filter((name) => name.endsWith('.part') && wanted(name));
  const parts: { path: string; size: number; changed: number }[] = [];
  for (const name of names.sort(compareText)) {
    const path = join(folder, name);
    const found = await stat(path).catch(absent);
    if (found === undefined || !isFree(name, found.mtimeMs)) continue;
    parts.push({ path, size: found.size, changed: found.mtimeMs });
  }
  return parts;
}

function isFree(name: string, changed: number): boolean {
  if (!name.startsWith('.')) return true;
  const owner = /^\.[^.]+\.([^.]+)\.[0-9a-f]{12}\.part$/.exec(name)?.[1] ?? '';
  if (owner === ownerTag()) return false;
  const state = ownerState(owner);
  // Of another container or boot: a download that lives has moved on within the hour.
  return state === 'gone' || (state === 'unknown' && Date.now() - changed > UNHEARD);
}
