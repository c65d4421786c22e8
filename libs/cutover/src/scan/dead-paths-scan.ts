import { leafAt, type ObjectId, type Tree } from '@baton/git';
import type { ResultContext } from '../model/context.ts';
import type { ScanOperation } from '../model/manifest.ts';
import type { ScanResult } from '../model/plan.ts';
import { judgeReference } from './judge-reference.ts';
import { type DeadReference, sortOut } from './reference-result.ts';
import { type FileKind, fileKind, fileReferences } from './references/file-references.ts';
import { type FileReferences, joinBase, resolveBase } from './references/reference.ts';
import { openScanCache, type ScanCache } from './scan-cache.ts';
import { type SelectedLeaf, scanState, selectLeaves } from './select-leaves.ts';
import { isAlive, type TreeSide } from './tree-side.ts';

// Raised whenever the same file could say other references.
const RULE = 'dead-paths 1';

type Known = FileReferences | null;

/** Looks for references of workflows, Dockerfiles, Makefiles, scripts, owners and bots that name nothing in the result tree. */
export async function deadPathsScan(
  context: ResultContext,
  settings: Extract<ScanOperation, { 'dead-paths': unknown }>['dead-paths'],
  operation: string,
): Promise<ScanResult> {
  const cache = await openScanCache<FileReferences>(context.cacheDir, RULE);
  const selection = selectLeaves(context.output, settings.in, {
    only: (path) => fileKind(path) !== undefined,
  });
  const output = await readSide(context, context.output, cache);
  // Only asked for when something is dead: most trees have nothing to compare with.
  let input: Promise<SideFacts> | undefined;
  const inputFacts = (): Promise<SideFacts> => (input ??= readSide(context, context.input, cache));
  const dead: DeadReference[] = [];
  const ids = new Set<ObjectId>();
  for (const { path, leaf } of selection.leaves) {
    ids.add(leaf.id);
    const after: TreeSide = { tree: context.output, path, contexts: output.contexts };
    for (const reference of output.referencesOf(path)) {
      if (isAlive(reference, after)) continue;
      const facts = await inputFacts();
      const source = context.sourceOf(path);
      const before = source === undefined ? undefined : { tree: context.input, path: source, contexts: facts.contexts };
      const said = source === undefined ? [] : facts.referencesOf(source);
      const verdict = judgeReference(context, reference, after, {
        before,
        saidBefore: said.some(({ what, text }) => what === reference.what && text === reference.text),
        wasAlive: before !== undefined && isAlive(reference, before),
      });
      dead.push({ path, line: reference.line, text: reference.text, what: reference.what, ...verdict });
    }
  }
  await cache.save();
  const exceptions = settings.except ?? [];
  const sorted = sortOut(dead, exceptions);
  const known = output.cached;
  const cached = [...ids].filter((id) => known.has(id)).length;
  return {
    id: operation,
    operation,
    kind: 'dead-paths',
    ...scanState(sorted, selection, settings),
    blobs: ids.size,
    cached,
    binary: 0,
  };
}

interface SideFacts {
  referencesOf(path: string): FileReferences['references'];
  contexts(dockerfile: string): readonly string[];
  /** Blobs that were known from before. */
  cached: ReadonlySet<ObjectId>;
}

// All files that can name others are read, whatever the scan looks at: a Dockerfile's context is said elsewhere.
async function readSide(context: ResultContext, tree: Tree, cache: ScanCache<FileReferences>): Promise<SideFacts> {
  const { leaves } = selectLeaves(tree, undefined, { only: (path) => fileKind(path) !== undefined });
  const facts = new Map<string, Known>();
  const cached = new Set<ObjectId>();
  const unknown = new Map<ObjectId, SelectedLeaf[]>();
  for (const one of leaves) {
    const known = cache.get(keyOf(one));
    if (known === undefined) unknown.set(one.leaf.id, [...(unknown.get(one.leaf.id) ?? []), one]);
    else {
      facts.set(one.path, known);
      cached.add(one.leaf.id);
    }
  }
  for await (const { id, bytes } of context.readBlobs(unknown.keys())) {
    context.signal?.throwIfAborted();
    for (const one of unknown.get(id) ?? []) {
      const kind = fileKind(one.path);
      if (kind === undefined) continue;
      const found = emptyAsNull(fileReferences(kind, bytes, one.path));
      cache.set(keyOf(one), found);
      facts.set(one.path, found);
    }
  }
  const contexts = contextsOf(tree, facts);
  return {
    referencesOf: (path) => facts.get(path)?.references ?? [],
    contexts: (dockerfile) => contexts.get(dockerfile) ?? [],
    cached,
  };
}

// The same bytes under another kind of name say other things.
function keyOf({ path, leaf }: SelectedLeaf): string {
  const kind: FileKind | 'mk' | undefined = path.endsWith('.mk') ? 'mk' : fileKind(path);
  return `${leaf.id}:${kind ?? ''}`;
}

function emptyAsNull(found: FileReferences): Known {
  return found.references.length + found.builds.length + found.makes.length === 0 ? null : found;
}

// Of several directories that a script may begin in, those count in which the Dockerfile is.
function contextsOf(tree: Tree, facts: ReadonlyMap<string, Known>): Map<string, string[]> {
  const contexts = new Map<string, string[]>();
  for (const [path, known] of facts) {
    for (const { file, context, bases } of known?.builds ?? []) {
      for (const base of bases) {
        const dockerfile = resolveBase(base, path, file);
        const moved = joinBase(base, context);
        const directory = moved === undefined ? undefined : resolveBase(moved, path, '');
        if (dockerfile === undefined || directory === undefined || leafAt(tree, dockerfile) === undefined) continue;
        const known = contexts.get(dockerfile) ?? [];
        if (!known.includes(directory)) contexts.set(dockerfile, [...known, directory]);
      }
    }
  }
  return contexts;
}
