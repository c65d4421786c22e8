import {
  changeTree,
  type Leaf,
  type NewObject,
  type ObjectId,
  type ObjectStore,
  pathText,
  type Tree,
  type TreeNode,
  treeObjects,
} from '@baton/git';
import { BatonError, type Emit, plural } from '@baton/kernel';
import { type EditedFiles, editFiles } from '../edits/edit-files.ts';
import { type GeneratedFile, runGenerators } from '../generate/run-generators.ts';
import type { LoadedCutover } from '../manifest/load-cutover.ts';
import { addsUp } from '../mapping/accounting.ts';
import { explainOutput } from '../mapping/explain-output.ts';
import { type Mapping, mapPaths } from '../mapping/map-paths.ts';
import type { ResultContext } from '../model/context.ts';
import type { CutoverManifest } from '../model/manifest.ts';
import type { Accounting, CutoverPlan, Problem } from '../model/plan.ts';
import { type BlobView, blobView } from './blob-view.ts';
import { mergeProblems, submoduleProblems } from './cross-checks.ts';
import { refused } from './refused.ts';

/** The result of a manifest on a tree. */
export interface DerivedTree extends Pick<CutoverPlan, 'paths' | 'edits' | 'generated' | 'accounting'> {
  id: ObjectId;
  /** Blobs and trees that are new. */
  objects: readonly NewObject[];
  context: ResultContext;
}

export interface Derivation {
  store: ObjectStore;
  cutover: LoadedCutover;
  /** With the day of the base commit filled in. */
  manifest: CutoverManifest;
  input: Tree;
  emit: Emit;
  signal: AbortSignal | undefined;
  cacheDir: string | undefined;
}

/**
 * Computes the tree: path operations, edits, generators. Nothing is written.
 *
 * @throws BatonError `CUTOVER_REFUSED` with all problems, `GENERATOR_FAILED`
 */
export async function deriveTree(derivation: Derivation): Promise<DerivedTree> {
  const { store, cutover, manifest, input, emit, signal } = derivation;
  const blobs = blobView(store);
  const mapping = await mapPaths(input, manifest.paths, {
    format: store.format,
    files: cutover.files,
    readLinks: (ids) => linkTargets(blobs, ids),
  });
  blobs.add(mapping.blobs);
  signal?.throwIfAborted();
  emit({ type: 'cutover.mapped', detail: `${plural(mapping.accounting.moved, 'file')} moved` });
  const edited = await editFiles(manifest.edits, {
    format: store.format,
    input,
    output: mapping.output,
    files: cutover.files,
    readBlobs: blobs.readBlobs,
    destinationOf: mapping.destinationOf,
    sourceOf: mapping.sourceOf,
    signal,
  });
  blobs.add(edited.blobs);
  const edits = hung(mapping.output, edited.changes);
  const before = treeObjects(store.format, edits.tree);
  const problems = [
    ...mapping.problems,
    ...edited.problems,
    // Where everything is as it shall be, nothing is left to do; else an operation that does nothing is a mistake.
    ...(before.id === input.id ? [] : edited.idle),
    ...edits.problems,
    ...mergeProblems(mapping, manifest),
    ...(await submoduleProblems(mapping, input, edits.tree, blobs)),
  ];
  if (problems.length > 0) throw refused(cutover, problems);
  emit({ type: 'cutover.edited', detail: `${plural(edited.edits.length, 'file')} edited` });
  const fresh = [...mapping.blobs, ...edited.blobs];
  const context = contextOf(
    derivation,
    mapping,
    blobs,
    hashed(edits.tree, before.id),
    once([...fresh, ...before.objects]),
  );
  const generated = await runGenerators(context, manifest.generate);
  const { tree, problems: clashes } = withGenerated(edits.tree, generated);
  if (clashes.length > 0) throw refused(cutover, clashes);
  const made = generated.length === 0 ? before : treeObjects(store.format, tree);
  const accounting = accountingOf(derivation, mapping, edited, generated, tree);
  const outputs = generated.flatMap(({ after }) => (after === undefined ? [] : [after.blob]));
  blobs.add(outputs);
  const objects = once([...fresh, ...outputs, ...made.objects]);
  return {
    id: made.id,
    paths: mapping.changes,
    edits: edited.edits,
    generated: generated.map(({ operation, path, before: was, after }) => ({
      operation,
      path,
      ...(was === undefined ? {} : { before: was }),
      ...(after === undefined ? {} : { after: after.blob.id }),
    })),
    accounting,
    objects,
    context: { ...context, output: hashed(tree, made.id), objects },
  };
}

// Counted twice: by what the operations did, and by a walk over the result that knows nothing of it.
function accountingOf(
  { input, manifest }: Derivation,
  mapping: Mapping,
  edited: EditedFiles,
  generated: readonly GeneratedFile[],
  output: Tree,
): Accounting {
  const gone = generated.filter(({ after }) => after === undefined).length;
  const fresh = generated.filter(({ before }) => before === undefined).length;
  const made = new Map<string, Leaf | undefined>(edited.changes);
  for (const { path, after } of generated) made.set(path, after === undefined ? undefined : leafOf(after));
  const { sourceOf } = mapping;
  const { survivors, unexplained } = explainOutput(input, output, { paths: manifest.paths, made, sourceOf });
  const accounting = {
    ...mapping.accounting,
    created: mapping.accounting.created + edited.created + fresh,
    deleted: mapping.accounting.deleted + gone,
    kept: mapping.accounting.kept - gone,
    output: output.leaves,
    edited: edited.edits.filter(({ before }) => before !== undefined).length,
    unexplained,
  };
  const { kept, moved } = accounting;
  if (addsUp(accounting) && unexplained.length === 0 && survivors === kept + moved) return accounting;
  throw new BatonError('INTERNAL', 'the cutover does not add up: nothing was written', {
    details: { ...accounting, byDirectory: undefined, survivors, unexplained: unexplained.slice(0, 100) },
  });
}

function contextOf(
  { store, input, cacheDir, signal, emit }: Derivation,
  mapping: Mapping,
  blobs: BlobView,
  output: Tree,
  objects: readonly NewObject[],
): ResultContext {
  return {
    repository: store.dir,
    input,
    output,
    objects,
    destinationOf: mapping.destinationOf,
    sourceOf: mapping.sourceOf,
    readBlob: blobs.readBlob,
    readBlobs: blobs.readBlobs,
    cacheDir,
    signal,
    emit,
  };
}

function hung(tree: Tree, changes: ReadonlyMap<string, TreeNode>): { tree: Tree; problems: Problem[] } {
  try {
    return { tree: changeTree(tree, changes), problems: [] };
  } catch (error) {
    if (!(error instanceof BatonError)) throw error;
    return { tree, problems: [{ code: 'COLLISION', message: error.message }] };
  }
}

function withGenerated(tree: Tree, generated: readonly GeneratedFile[]): { tree: Tree; problems: readonly Problem[] } {
  const changes = new Map<string, TreeNode | undefined>();
  const owners = new Map<string, string>();
  const problems: Problem[] = [];
  for (const { operation, path, after } of generated) {
    const other = owners.get(path);
    if (other !== undefined) {
      problems.push({
        code: 'COLLISION',
        operation,
        path,
        message: `${path}: ${other} makes it too`,
        hint: 'Make it with one of them.',
      });
    }
    owners.set(path, operation);
    changes.set(path, after === undefined ? undefined : leafOf(after));
  }
  return { tree: changeTree(tree, changes), problems };
}

function leafOf({ mode, blob }: NonNullable<GeneratedFile['after']>): Leaf {
  return { kind: 'leaf', mode, id: blob.id };
}

async function linkTargets(blobs: BlobView, ids: readonly ObjectId[]): Promise<ReadonlyMap<ObjectId, string>> {
  const targets = new Map<ObjectId, string>();
  for await (const { id, bytes } of blobs.readBlobs(ids)) targets.set(id, pathText(bytes));
  return targets;
}

function hashed(tree: Tree, id: ObjectId): Tree {
  return { ...tree, id };
}

function once(objects: readonly NewObject[]): NewObject[] {
  return [...new Map(objects.map((object) => [object.id, object])).values()];
}
