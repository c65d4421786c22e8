import type { NewObject, ObjectId, Tree } from '@baton/git';
import type { Emit } from '@baton/kernel';

/**
 * What scans, parity, acceptance and gates see: two trees and a way to read blobs, also those that the plan made and that are
 * in no repository yet.
 */
export interface ResultContext {
  /** The root of a repository or a bare one; for commands that need a place. */
  repository: string;
  input: Tree;
  output: Tree;
  /** Blobs (and trees, where they are known) of the output that the repository does not have yet: a private checkout needs them. */
  objects: readonly NewObject[];
  /** Where a path of the input tree went; undefined when it was deleted or replaced. */
  destinationOf(path: string): string | undefined;
  /** Where a path of the output tree came from; undefined when it is new. */
  sourceOf(path: string): string | undefined;
  readBlob(id: ObjectId): Promise<Buffer>;
  /** Many at once, in any order; each id is asked for once. */
  readBlobs(ids: Iterable<ObjectId>): AsyncIterable<{ id: ObjectId; bytes: Buffer }>;
  /** Where results by blob id are kept; undefined switches the cache off. */
  cacheDir: string | undefined;
  signal: AbortSignal | undefined;
  /** Hears of what takes long: scans, commands, generators. */
  emit: Emit;
}
