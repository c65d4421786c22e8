import { type BigIntStats, lstatSync } from 'node:fs';
import { errnoOf } from '@baton/kernel';
import type { ObjectFormat } from '../objects.ts';
import { fileAt } from './byte-path.ts';
import { idBytes, type NewEntry, STAT_BYTES } from './index-file.ts';
import type { PlannedEntry } from './plan-carry.ts';

/** Gives planned entries the numbers that the files on disk have now, wherever their old ones do not hold any more. */
export function entriesWithStat(root: string, format: ObjectFormat, planned: readonly PlannedEntry[]): NewEntry[] {
  return planned.map((entry) => {
    const { path, old, flags, extended } = entry;
    if (old !== undefined && entry.stat === 'keep') return { path, source: old.source, at: old.at, flags, extended };
    const source = Buffer.alloc(STAT_BYTES + idBytes(format));
    if (old === undefined) {
      source.writeUInt32BE(Number.parseInt(entry.leaf.mode, 8), 24);
      source.write(entry.leaf.id, STAT_BYTES, 'hex');
    } else {
      old.source.copy(source, 0, old.at, old.at + source.byteLength);
    }
    if (entry.stat !== 'none') refresh(source, lstatOf(fileAt(root, path)), old !== undefined);
    return { path, source, at: 0, flags, extended };
  });
}

// A renamed file must be the one that git knew, or git shall look at it again: then its old numbers stay, which do not fit.
function refresh(numbers: Buffer, found: BigIntStats | undefined, mustFit: boolean): void {
  if (found === undefined) return;
  const now = Buffer.alloc(STAT_BYTES);
  const write = (index: number, value: bigint): void =>
    void now.writeUInt32BE(Number(BigInt.asUintN(32, value)), index);
  write(0, found.ctimeNs / 1_000_000_000n);
  write(4, found.ctimeNs % 1_000_000_000n);
  write(8, found.mtimeNs / 1_000_000_000n);
  write(12, found.mtimeNs % 1_000_000_000n);
  write(16, found.dev);
  write(20, found.ino);
  write(28, found.uid);
  write(32, found.gid);
  write(36, found.size);
  numbers.copy(now, 24, 24, 28);
  if (mustFit && Buffer.compare(now.subarray(8), numbers.subarray(8, STAT_BYTES)) !== 0) return;
  now.copy(numbers);
}

/** The stat of a path itself, not of what a link names; undefined when nothing is there. */
export function lstatOf(path: string | Buffer): BigIntStats | undefined {
  try {
    return lstatSync(path, { bigint: true });
  } catch (error) {
    if (errnoOf(error) === 'ENOENT' || errnoOf(error) === 'ENOTDIR') return undefined;
    throw error;
  }
}

/** Whether a file still has the time and size that an entry says. */
export function looksUnchanged(root: string, entry: { path: string; source: Buffer; at: number }): boolean {
  const found = lstatOf(fileAt(root, entry.path));
  if (found === undefined) return true;
  const { source, at } = entry;
  return (
    BigInt(source.readUInt32BE(at + 8)) === found.mtimeNs / 1_000_000_000n &&
    BigInt(source.readUInt32BE(at + 36)) === BigInt.asUintN(32, found.size)
  );
}
