import { applySplices, editRepath, joinYamlInsertions, mergeFiles, type Splice } from '@baton/edit';
import { entryAt, type Leaf, leafAt, type NewObject, type ObjectFormat, type ObjectId, type Tree } from '@baton/git';
import { BatonError, plural } from '@baton/kernel';
import type { EditOperation } from '../model/manifest.ts';
import type { FileEdit, Problem } from '../model/plan.ts';
import { changedFile, type EditedFile } from './changed-file.ts';
import { findTargets, type TargetedEdit } from './edit-targets.ts';
import { ownersOfOverlap } from './overlap.ts';
import { type EditMaterial, notInInput, runEdit } from './run-edit.ts';
import { stillReads } from './still-reads.ts';

/** What edits work on. */
export interface EditSources {
  format: ObjectFormat;
  input: Tree;
  /** After the path operations. */
  output: Tree;
  /** Files beside the manifest. */
  files: ReadonlyMap<string, Uint8Array>;
  readBlobs(ids: Iterable<ObjectId>): AsyncIterable<{ id: ObjectId; bytes: Buffer }>;
  destinationOf(path: string): string | undefined;
  sourceOf(path: string): string | undefined;
  signal?: AbortSignal | undefined;
}

/** What the edits make. */
export interface EditedFiles {
  edits: readonly FileEdit[];
  /** New leaves by path. */
  changes: ReadonlyMap<string, Leaf>;
  blobs: readonly NewObject[];
  /** Files that were in no tree before. */
  created: number;
  problems: readonly Problem[];
  /**
   * One for each operation that finds everything as it wants it and changes nothing: right when the whole cutover is done already,
   * and a misspelled name (`remove`, `delete`) or a leftover when it is not.
   */
  idle: readonly Problem[];
}

interface Work {
  sources: EditSources;
  material: EditMaterial;
  problems: Problem[];
  /** Matches of a `repath` over all its files, by its name. */
  repaths: Map<string, number>;
  /** Operations that cut something somewhere, by name. */
  busy: Set<string>;
  /** Operations whose pattern ran out of time: once is enough. */
  tooSlow: Set<string>;
}

/**
 * Makes all edits: each operation is located in the bytes that its file has before any edit, all splices of a file are applied at
 * once, and `repath` comes last, on bytes that no other operation owns. All problems are found, none is thrown.
 */
export async function editFiles(operations: readonly EditOperation[], sources: EditSources): Promise<EditedFiles> {
  const problems: Problem[] = [];
  const targets = findTargets(sources.output, operations, problems);
  const byPath = new Map<string, TargetedEdit[]>();
  for (const target of targets) {
    for (const path of target.paths) {
      const known = byPath.get(path);
      if (known === undefined) byPath.set(path, [target]);
      else known.push(target);
    }
  }
  const inputs = await readInputs(operations, sources);
  const work: Work = {
    sources,
    material: { files: sources.files, inputs },
    problems,
    repaths: new Map(),
    busy: new Set(),
    tooSlow: new Set(),
  };
  const results = new Map<string, EditedFile>();
  const byBlob = new Map<ObjectId, string[]>();
  for (const [path, own] of byPath) {
    const leaf = leafAt(sources.output, path);
    if (leaf === undefined) {
      keep(results, path, editFile(work, path, leaf, Buffer.alloc(0), own));
    } else byBlob.set(leaf.id, [...(byBlob.get(leaf.id) ?? []), path]);
  }
  for await (const { id, bytes } of sources.readBlobs(byBlob.keys())) {
    sources.signal?.throwIfAborted();
    for (const path of byBlob.get(id) ?? []) {
      keep(results, path, editFile(work, path, leafAt(sources.output, path), bytes, byPath.get(path) ?? []));
    }
  }
  for (const { operation, name, common, paths } of targets) {
    if (!('repath' in operation) || common.optional === true || paths.length === 0) continue;
    if ((work.repaths.get(name) ?? 0) > 0) continue;
    problems.push({
      code: 'EDIT_NO_MATCH',
      operation: name,
      ...(paths.length === 1 && paths[0] !== undefined ? { path: paths[0] } : {}),
      message: 'no file has a reference to a path that moves',
      hint: 'Leave it out, or say "optional: true".',
    });
  }
  const failing = new Set(problems.map(({ operation }) => operation));
  const idle = targets.filter(
    ({ operation, name, common, paths }) =>
      !ADDS_ONLY.some((kind) => kind in operation) &&
      common.optional !== true &&
      paths.length > 0 &&
      !work.busy.has(name) &&
      !failing.has(name),
  );
  // In the order in which the manifest first names a file.
  const done = [...byPath.keys()].flatMap((path) => results.get(path) ?? []);
  return {
    edits: done.map(({ edit }) => edit),
    changes: new Map(done.map(({ edit, leaf }) => [edit.path, leaf])),
    blobs: done.map(({ blob }) => blob),
    created: done.filter(({ edit }) => edit.before === undefined).length,
    problems,
    idle: idle.map(idleProblem),
  };
}

function editFile(
  work: Work,
  path: string,
  leaf: Leaf | undefined,
  bytes: Buffer,
  targets: readonly TargetedEdit[],
): EditedFile | undefined {
  const { problems, sources } = work;
  const merges = targets.filter(({ operation }) => 'merge' in operation);
  const merged = mergedBytes(work, path, merges);
  const base = merged?.bytes ?? bytes;
  const noted: FileEdit['operations'][number][] = merged === undefined ? [] : [merged.noted];
  const splices: Splice[] = [];
  const owners = new Map<Splice, string>();
  let failed = merges.length > 0 && merged === undefined;
  const attempt = (target: TargetedEdit, run: () => { splices: readonly Splice[]; matches: number }): void => {
    const { name, common } = target;
    if (work.tooSlow.has(name)) return;
    try {
      const edit = run();
      for (const splice of edit.splices) {
        splices.push(splice);
        owners.set(splice, name);
      }
      // What a removal has in common with its neighbours may be among theirs.
      const isBusy =
        edit.splices.length > 0 ||
        ('make.target' in target.operation && target.operation['make.target'].remove === true);
      if (isBusy) work.busy.add(name);
      if (edit.matches > 0 || !('repath' in target.operation)) {
        noted.push({ ...describe(target, edit.matches), ...(isBusy ? {} : { note: SO_ALREADY }) });
      }
    } catch (error) {
      if (!(error instanceof BatonError)) throw error;
      if (error.code === 'EDIT_NO_MATCH' && common.optional === true) return;
      failed = true;
      if (error.code === 'PATTERN_TIMEOUT') work.tooSlow.add(name);
      problems.push(problemOf(error, name, path));
    }
  };
  const beside = targets.map(({ operation }) => operation);
  for (const target of targets) {
    const { operation } = target;
    if ('repath' in operation || 'merge' in operation) continue;
    attempt(target, () => runEdit(operation, path, base, work.material, beside));
  }
  const owned = splices.map(({ start, end }) => ({ start, end }));
  for (const target of targets) {
    const { operation, name } = target;
    if (!('repath' in operation)) continue;
    attempt(target, () => {
      const edit = editRepath(base, repathFile(sources, path), operation.repath, owned);
      work.repaths.set(name, (work.repaths.get(name) ?? 0) + edit.matches);
      return edit;
    });
  }
  if (failed) return undefined;
  try {
    const isYaml = /\.ya?ml$/i.test(path);
    const after = applySplices(base, isYaml ? joinYamlInsertions(base, splices) : splices);
    stillReads(path, base, after);
    return changedFile(path, leaf, { before: bytes, base, after, splices, noted }, sources);
  } catch (error) {
    if (!(error instanceof BatonError)) throw error;
    problems.push(problemOf(error, ownersOfOverlap(splices, owners) ?? targets[0]?.name ?? '', path, base));
    return undefined;
  }
}

function mergedBytes(
  { material, problems }: Work,
  path: string,
  targets: readonly TargetedEdit[],
): { bytes: Buffer; noted: FileEdit['operations'][number] } | undefined {
  const [target, second] = targets;
  if (second !== undefined) {
    const message = `${path} is made by ${target?.name ?? ''} already`;
    problems.push({ code: 'EDIT_OVERLAP', operation: second.name, path, message, hint: 'Keep one of them.' });
  } else if (target !== undefined && 'merge' in target.operation) {
    const { ours, theirs, how } = target.operation.merge;
    try {
      const [one, other] = [ours, theirs].map((side) => {
        const found = material.inputs.get(side);
        if (found === undefined) throw notInInput(side);
        return found;
      });
      if (one !== undefined && other !== undefined) {
        return { bytes: mergeFiles(one, other, how, path), noted: describe(target, 2) };
      }
    } catch (error) {
      if (!(error instanceof BatonError)) throw error;
      problems.push(problemOf(error, target.name, path));
    }
  }
  return undefined;
}

async function readInputs(
  operations: readonly EditOperation[],
  { input, readBlobs }: EditSources,
): Promise<ReadonlyMap<string, Buffer>> {
  const paths = new Set<string>();
  for (const operation of operations) {
    if ('yaml.carry' in operation) paths.add(operation['yaml.carry'].from);
    if ('merge' in operation) paths.add(operation.merge.ours).add(operation.merge.theirs);
  }
  const wanted = [...paths].flatMap((path) => {
    const leaf = leafAt(input, path);
    return leaf?.mode.startsWith('100') === true ? [{ path, id: leaf.id }] : [];
  });
  const bytes = new Map<ObjectId, Buffer>();
  for await (const blob of readBlobs(new Set(wanted.map(({ id }) => id)))) bytes.set(blob.id, blob.bytes);
  return new Map(wanted.flatMap(({ path, id }) => (bytes.has(id) ? [[path, bytes.get(id) ?? Buffer.alloc(0)]] : [])));
}

function repathFile(sources: EditSources, path: string) {
  const has = (tree: Tree) => (at: string) => entryAt(tree, at) !== undefined;
  return {
    path,
    pathBefore: sources.sourceOf(path) ?? path,
    mapping: sources.destinationOf,
    exists: { input: has(sources.input), output: has(sources.output) },
  };
}

/** Operations that may find their work done: an entry that is there was written by a person, and `repath` has a rule of its own. */
const ADDS_ONLY = ['repath', 'merge', 'changelog', 'notes'];

/** What the plan says of an operation that finds a file as it wants it. */
const SO_ALREADY = 'nothing to do: it is so already';

function idleProblem({ name, paths }: TargetedEdit): Problem {
  const [path = ''] = paths;
  const others = paths.length === 1 ? '' : ` and ${plural(paths.length - 1, 'more file')}`;
  return {
    code: 'EDIT_NO_MATCH',
    operation: name,
    path,
    message: `${path}${others}: it changes nothing, everything is as it wants it already`,
    hint: 'Something that it removes may be misspelled. If the file is right as it is, leave it out or say "optional: true".',
  };
}

function describe({ name, common }: TargetedEdit, matches: number): FileEdit['operations'][number] {
  return { operation: name, matches, ...(common.reason === undefined ? {} : { reason: common.reason }) };
}

function problemOf(
  { code, message, hint, details }: BatonError,
  operation: string,
  path: string,
  bytes?: Buffer,
): Problem {
  const at = typeof details.start === 'number' && bytes !== undefined ? lineAt(bytes, details.start) : details.line;
  const line = typeof at === 'number' ? { line: at } : {};
  return { code, operation, path, ...line, message, ...(hint === undefined ? {} : { hint }) };
}

function lineAt(bytes: Buffer, offset: number): number {
  return bytes.subarray(0, offset).reduce((lines, byte) => (byte === 0x0a ? lines + 1 : lines), 1);
}

function keep(results: Map<string, EditedFile>, path: string, file: EditedFile | undefined): void {
  if (file !== undefined) results.set(path, file);
}
