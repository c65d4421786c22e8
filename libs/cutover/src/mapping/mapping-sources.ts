import type { ObjectFormat, ObjectId } from '@baton/git';

/** What the path operations read besides the input tree. */
export interface MappingSources {
  format: ObjectFormat;
  /** Files beside the manifest, by name. */
  files: ReadonlyMap<string, Uint8Array>;
  /** The targets of symbolic links, by blob. */
  readLinks(ids: readonly ObjectId[]): Promise<ReadonlyMap<ObjectId, string>>;
}
