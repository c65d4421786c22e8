import { changeTree, hashObject, leaf, leafAt, type NewObject, openObjectStore } from '@baton/git';
import { silent } from '@baton/kernel';
import { type TestRepository, temporaryDirectory, temporaryRepository } from '@baton/testkit';
import type { ResultContext } from '../model/context.ts';

/** A cutover of a test: files before and after, and where paths went. */
export interface TestCutover {
  before: Record<string, string | Uint8Array>;
  after: Record<string, string | Uint8Array>;
  /** Old path to new path; a path that is not named stays where it is, if it is there afterwards. */
  moves?: Record<string, string>;
  /** Files of the result that are in no repository yet. */
  planned?: Record<string, string>;
  cacheDir?: string;
}

/** The context of two commits in a real repository, and what was asked of it. */
export interface TestContext extends ResultContext {
  source: TestRepository;
  /** Ids that were read. */
  read: string[];
}

/** Commits both states and gives their context. */
export async function testContext(cutover: TestCutover): Promise<TestContext> {
  const source = await temporaryRepository(cutover.before);
  const before = await source.git('rev-parse', 'HEAD');
  await source.git('rm', '-rq', '--ignore-unmatch', '.');
  const after = await source.commit('after', cutover.after);
  return await contextOf(source, before, after, cutover);
}

/** The context of two revisions of a repository. */
export async function contextOf(
  source: TestRepository,
  before: string,
  after: string,
  { moves = {}, planned = {}, cacheDir = temporaryDirectory('scans') }: Partial<TestCutover> = {},
): Promise<TestContext> {
  const store = await openObjectStore(source.dir);
  const input = await store.readTree(before);
  const objects: NewObject[] = [];
  const changes = Object.entries(planned).map(([path, text]) => {
    const blob = hashObject(store.format, 'blob', Buffer.from(text));
    objects.push(blob);
    return [path, leaf('100644', blob.id)] as const;
  });
  const output = changeTree(await store.readTree(after), new Map(changes));
  const back = new Map(Object.entries(moves).map(([from, to]) => [to, from]));
  const read: string[] = [];
  const own = new Map(objects.map((object) => [object.id, Buffer.from(object.bytes)]));
  return {
    source,
    read,
    repository: source.dir,
    input,
    output,
    objects,
    destinationOf: (path) => moves[path] ?? (has(output, path) && !back.has(path) ? path : undefined),
    sourceOf: (path) => back.get(path) ?? (has(input, path) && moves[path] === undefined ? path : undefined),
    readBlob: async (id) => own.get(id) ?? (await store.readBlob(id)),
    async *readBlobs(ids) {
      const asked = [...ids];
      read.push(...asked);
      for (const id of asked) {
        const bytes = own.get(id);
        if (bytes !== undefined) yield { id, bytes };
      }
      yield* store.readBlobs(asked.filter((id) => !own.has(id)));
    },
    cacheDir,
    signal: undefined,
    emit: silent,
  };
}

function has(tree: ResultContext['input'], path: string): boolean {
  return leafAt(tree, path) !== undefined;
}
