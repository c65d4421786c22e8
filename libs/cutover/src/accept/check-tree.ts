import { compileGlob, compilePattern, findAll, isGlob } from '@baton/edit';
import { entryAt, leafAt, type ObjectId, type Tree, type TreeNode, walkLeaves } from '@baton/git';
import { plural } from '@baton/kernel';
import type { ResultContext } from '../model/context.ts';
import type { Criterion } from '../model/manifest.ts';
import type { Judgement } from './judgement.ts';

/** Each path is a file, link or directory of the result tree; each glob matches a file. */
export function checkExists({ output }: ResultContext, paths: readonly string[]): Judgement {
  const missing = paths.filter((path) => firstAt(output, path) === undefined);
  if (missing.length > 0) return failed(`expected ${missing.join(', ')} in the result tree, found nothing there`);
  return passed(`${plural(paths.length, 'path')} found`);
}

/**
 * Nothing is at the paths. With `blobs` the files that the input tree had there are looked for instead: none of them may be anywhere
 * in the result tree, but those that the input tree had elsewhere as well, and empty ones, prove nothing and do not count.
 */
export function checkAbsent(context: ResultContext, paths: readonly string[], blobs: boolean): Judgement {
  if (blobs) return checkBlobsAbsent(context, paths);
  const found = paths.flatMap((path) => firstAt(context.output, path) ?? []);
  if (found.length > 0) return failed(`expected nothing at ${paths.join(', ')}, found ${found.join(', ')}`);
  return passed(`nothing at ${paths.join(', ')}`);
}

function checkBlobsAbsent({ input, output }: ResultContext, paths: readonly string[]): Judgement {
  const isBelow = paths.map((path) => below(path));
  const old = new Map<ObjectId, string>();
  const elsewhere = new Set<ObjectId>();
  for (const { path, leaf } of walkLeaves(input)) {
    if (isBelow.some((matches) => matches(path))) old.set(leaf.id, path);
    else elsewhere.add(leaf.id);
  }
  if (old.size === 0) return failed(`expected files at ${paths.join(', ')} in the input tree, found none`);
  const left: string[] = [];
  for (const { path, leaf } of walkLeaves(output)) {
    const was = old.get(leaf.id);
    if (was !== undefined && !elsewhere.has(leaf.id) && !EMPTY.has(leaf.id)) left.push(`${path} (was ${was})`);
  }
  if (left.length > 0) {
    return {
      ...failed(`expected none of the old files of ${paths.join(', ')}, found ${left.length}: ${left[0]}`),
      lines: left,
    };
  }
  return passed(`none of ${plural(old.size, 'old file')} is left`);
}

// The name of no bytes at all, in both formats.
const EMPTY = new Set([
  'e69de29bb2d1d6434b8b29ae775ad8c2e48c5391',
  '473a0f4c3be8a93681a267e3b1e9a7dcda1185436fe141f7749120a303721813',
]);

/** A file has a text, or (with `not`) has it not. */
export async function checkContains(
  context: ResultContext,
  { path, text, regex, not }: Extract<Criterion, { contains: unknown }>['contains'],
): Promise<Judgement> {
  const found = leafAt(context.output, path);
  if (found === undefined || found.mode === '160000') return failed(`expected a file at ${path}, found none`);
  const bytes = await context.readBlob(found.id);
  const has =
    regex === true
      ? findAll(compilePattern(text), bytes.toString('utf8')).length > 0
      : bytes.includes(Buffer.from(text));
  if (has === (not !== true)) return passed(`${path} ${has ? 'has' : 'does not have'} it`);
  return failed(`expected ${path} ${not === true ? 'not to contain' : 'to contain'} ${JSON.stringify(text)}`);
}

/** A file or directory of the result tree is what another one of the input tree was, modes included. */
export function checkSameBlob({ input, output }: ResultContext, { from, to }: { from: string; to: string }): Judgement {
  const [old, now] = [entryAt(input, from), entryAt(output, to)];
  if (old === undefined) return failed(`expected ${from} in the input tree, found nothing there`);
  if (now === undefined) return failed(`expected ${to} in the result tree, found nothing there`);
  const [one, other] = [leavesOf(old), leavesOf(now)];
  const differing = [...new Set([...one.keys(), ...other.keys()])].filter((path) => one.get(path) !== other.get(path));
  if (differing.length === 0) return passed(`${plural(one.size, 'file')} the same`);
  const [first = ''] = differing;
  const expected = one.get(first) ?? 'nothing';
  const found = other.get(first) ?? 'nothing';
  const where = first === '' ? to : `${to}/${first}`;
  return { ...failed(`expected ${expected} at ${where}, found ${found}`), lines: differing };
}

function leavesOf(node: TreeNode): Map<string, string> {
  if (node.kind === 'leaf') return new Map([['', `${node.mode} ${node.id}`]]);
  return new Map([...walkLeaves(node)].map(({ path, leaf }) => [path, `${leaf.mode} ${leaf.id}`]));
}

function firstAt(tree: Tree, path: string): string | undefined {
  if (!isGlob(path)) return entryAt(tree, path.replace(/\/+$/, '')) === undefined ? undefined : path;
  const matches = compileGlob(path);
  for (const leaf of walkLeaves(tree)) if (matches(leaf.path)) return leaf.path;
  return undefined;
}

function below(path: string): (candidate: string) => boolean {
  if (isGlob(path)) return compileGlob(path);
  const directory = path.replace(/\/+$/, '');
  return (candidate) => candidate === directory || candidate.startsWith(`${directory}/`);
}

function passed(detail: string): Judgement {
  return { state: 'passed', detail };
}

function failed(detail: string): Judgement {
  return { state: 'failed', detail };
}
