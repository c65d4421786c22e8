import type { Commit, CommitFields } from './commit.ts';
import type { NewObject, ObjectFormat, ObjectId, Tree } from './objects.ts';

/** Where `HEAD` is: on a branch (which may have no commit yet), or on a commit of its own. */
export interface Head {
  /** `refs/heads/main`; undefined when detached. */
  branch: string | undefined;
  /** Undefined before the first commit of the branch. */
  commit: ObjectId | undefined;
}

/** Moves one ref from where it must be to somewhere else, in one step. */
export interface RefUpdate {
  /** The full name: `refs/heads/main`. */
  ref: string;
  to: ObjectId;
  /** What the ref is now; undefined when it must not exist. */
  from: ObjectId | undefined;
  /** What the reflog says. */
  reason: string;
  /** `Name <mail> ...` for the reflog, where the repository keeps one. */
  committer: string;
}

/** A search for commits by a trailer of their message. */
export interface TrailerSearch {
  /** `Baton-Cutover`. */
  key: string;
  /** Ancestors of these, they themselves included. */
  from: readonly ObjectId[];
  /** But not ancestors of these. */
  not?: readonly ObjectId[];
  /** Stops after so many. */
  max?: number;
  /** Looks at so many commits at most, newest first; at all when left out. */
  walk?: number;
}

/** A commit with the values that its message has for a trailer, in the order of the message. */
export interface TrailerMatch {
  commit: ObjectId;
  values: readonly string[];
}

/**
 * The objects and refs of a repository, read and written by plumbing: never the work tree nor the index. Only the repository's
 * own configuration counts. Errors of git are `GIT_FAILED` with what git said.
 */
export interface ObjectStore {
  /** The directory that it was opened by: a work tree, a linked one, or a bare repository; a real path. */
  readonly dir: string;
  /** `.git`; for a linked work tree its own directory in the repository. */
  readonly gitDir: string;
  /** Where refs and objects are: the same for all linked work trees. */
  readonly commonDir: string;
  readonly format: ObjectFormat;
  readonly bare: boolean;
  /** Whether history was cut off when it was cloned: ancestry is then not to be trusted where it says no. */
  readonly shallow: boolean;

  /** The commit that a revision names (`HEAD`, a branch, `v1~2`). @throws BatonError `GIT_FAILED` unknown or ambiguous */
  resolveCommit(revision: string): Promise<ObjectId>;
  /** @throws BatonError `GIT_FAILED` absent, or not a commit */
  readCommit(id: ObjectId): Promise<Commit>;
  /** The whole tree of a commit or tree, by one process. */
  readTree(treeish: string): Promise<Tree>;
  /** @throws BatonError `GIT_FAILED` absent, or not a blob */
  readBlob(id: ObjectId): Promise<Buffer>;
  /** Blobs in the order of the ids, a few of them in memory at a time. */
  readBlobs(ids: Iterable<ObjectId>): AsyncIterable<{ id: ObjectId; bytes: Buffer }>;
  /** Those of the ids that the repository has no object for. */
  missing(ids: Iterable<ObjectId>): Promise<ObjectId[]>;

  head(): Promise<Head>;
  /** Full names and what they point to (tags are not peeled), below a prefix like `refs/heads`, sorted by name. */
  listRefs(prefix?: string): Promise<ReadonlyMap<string, ObjectId>>;
  /** What a ref points to, by its full name; undefined when it does not exist. */
  readRef(ref: string): Promise<ObjectId | undefined>;
  /**
   * Compare and swap of one ref; the repository's own hooks run.
   *
   * @throws BatonError `REF_MOVED` when it is not where it must be, `REF_REFUSED` with what git or the hook said
   */
  updateRef(update: RefUpdate): Promise<void>;

  /** Whether `ancestor` is `descendant` or an ancestor of it. */
  isAncestor(ancestor: ObjectId, descendant: ObjectId): Promise<boolean>;
  /** A best common ancestor; undefined when there is none. */
  mergeBase(a: ObjectId, b: ObjectId): Promise<ObjectId | undefined>;
  /** Newest first. */
  commitsWithTrailer(search: TrailerSearch): Promise<TrailerMatch[]>;

  /** The object of a commit, computed here: nothing is written. */
  commitObject(fields: CommitFields): NewObject;
  /** Trees of directories that were put together, hashed here: nothing is written. */
  treeObjects(root: Tree): { id: ObjectId; objects: NewObject[] };
  /**
   * Writes objects as one pack, which appears whole or not at all; the same objects give the same pack.
   *
   * @throws BatonError `GIT_FAILED`, `DISK_FULL`
   */
  writeObjects(objects: readonly NewObject[]): Promise<void>;
  /**
   * A private repository for the time of `work`: it has `objects`, and sees all objects (not the refs) of this one, in which
   * nothing is written. It has no configuration of its own, so nothing that it does depends on this machine.
   */
  withPrivateObjects<T>(objects: readonly NewObject[], work: (store: PrivateStore) => Promise<T>): Promise<T>;

  /** Ends the process that reads objects; another call starts one again. It ends by itself after a while. */
  close(): Promise<void>;
}

/** A private repository; see {@link ObjectStore.withPrivateObjects}. */
export interface PrivateStore extends ObjectStore {
  /**
   * Writes the files of a tree to an empty directory: the bytes of the blobs as they are (no filters, no line endings, no
   * attributes), links as links, submodules as empty directories. Nothing is registered anywhere, and there is no `.git`.
   *
   * @param paths only these files, links and directories
   * @throws BatonError `GIT_FAILED` for a path that the tree does not have
   */
  checkOut(tree: ObjectId, dir: string, paths?: readonly string[]): Promise<void>;
}

/** What is known about a repository from the start. */
export type StorePlace = Pick<ObjectStore, 'dir' | 'gitDir' | 'commonDir' | 'format' | 'bare' | 'shallow'>;
