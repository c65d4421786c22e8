import { compileGlob } from '@baton/edit';
import { entryAt, type Tree, type TreeNode, walkLeaves } from '@baton/git';
import type { PathOperation } from '../model/manifest.ts';
import type { Problem } from '../model/plan.ts';

/** What one operation takes out of the input tree, by the path where it begins. */
export interface Claim {
  /** Index of the operation. */
  operation: number;
  kind: 'delete' | 'move' | 'flatten';
  from: string;
  /** Where it goes; undefined for a delete. */
  to: string | undefined;
}

/** Claims by path components: a node for each directory on the way. */
export interface ClaimNode {
  claim?: Claim;
  readonly below: Map<string, ClaimNode>;
}

export interface Claims {
  root: ClaimNode;
  all: readonly Claim[];
}

/** How often a glob may be asked about a path before a manifest is refused. */
const GLOB_BUDGET = 200_000_000;

/** The name of an operation in messages: `paths[2] flatten`. */
export function operationName(operation: PathOperation, index: number): string {
  return `paths[${index}] ${Object.keys(operation)[0] ?? ''}`;
}

/** Finds what each operation takes; problems are added to `problems`. */
export function collectClaims(input: Tree, operations: readonly PathOperation[], problems: Problem[]): Claims {
  const root: ClaimNode = { below: new Map() };
  const all: Claim[] = [];
  const clashes = new Map<string, { first: Claim; second: Claim; count: number }>();
  const add = (claim: Claim): void => {
    const node = reach(root, claim.from);
    if (node.claim === undefined) {
      node.claim = claim;
      all.push(claim);
      return;
    }
    const key = `${node.claim.operation} ${claim.operation}`;
    const known = clashes.get(key);
    if (known === undefined) clashes.set(key, { first: node.claim, second: claim, count: 1 });
    else known.count += 1;
  };
  const budget = { left: GLOB_BUDGET };
  for (const [operation, what] of operations.entries()) {
    const name = operationName(what, operation);
    if ('delete' in what) claimDeletes(input, what.delete, operation, name, add, problems, budget);
    const move =
      'move' in what ? what.move : 'flatten' in what ? { ...what.flatten, from: what.flatten.dir } : undefined;
    if (move === undefined) continue;
    const found = entryAt(input, move.from);
    if (found === undefined || ('flatten' in what && found.kind !== 'tree')) {
      if (move.optional === true) continue;
      const is = found === undefined ? 'is not in the input' : 'is no directory';
      problems.push({
        code: 'EDIT_NO_MATCH',
        operation: name,
        path: move.from,
        message: `${move.from} ${is}`,
        hint: 'Correct the path, or say "optional: true".',
      });
      continue;
    }
    const to = 'to' in move ? move.to : move.into === '.' ? '' : move.into;
    add({ operation, kind: 'move' in what ? 'move' : 'flatten', from: move.from, to });
  }
  for (const { first, second, count } of clashes.values()) {
    const others = count === 1 ? '' : ` and ${count - 1} more`;
    problems.push({
      code: 'SAME_SOURCE',
      operation: nameOf(operations, second.operation),
      path: second.from,
      message: `${second.from}${others}: ${nameOf(operations, first.operation)} is about it already`,
      hint: 'Each file belongs to one operation: leave it out of the other one with "except".',
    });
  }
  return { root, all };
}

/** A node without what longer claims take out of it: the same object where they take nothing; undefined when nothing is left. */
export function without(node: TreeNode, claims: ClaimNode | undefined): TreeNode | undefined {
  if (claims === undefined || claims.below.size === 0 || node.kind === 'leaf') return node;
  const entries = new Map(node.entries);
  let leaves = 0;
  for (const [name, child] of claims.below) {
    const found = entries.get(name);
    if (found === undefined) continue;
    const left = child.claim === undefined ? without(found, child) : undefined;
    if (left === undefined) entries.delete(name);
    else entries.set(name, left);
  }
  for (const entry of entries.values()) leaves += entry.kind === 'leaf' ? 1 : entry.leaves;
  return entries.size === 0 ? undefined : { kind: 'tree', id: undefined, entries, leaves };
}

/** The node of a path, or of nothing when no claim is at or below it. */
export function claimsAt(root: ClaimNode, path: string): ClaimNode | undefined {
  let here: ClaimNode | undefined = root;
  if (path !== '') for (const name of path.split('/')) here = here?.below.get(name);
  return here;
}

/** The claim that a path of the input belongs to: the one that begins closest above it. */
export function claimOf(root: ClaimNode, path: string): Claim | undefined {
  let here: ClaimNode | undefined = root;
  let claim = root.claim;
  for (const name of path.split('/')) {
    here = here.below.get(name);
    if (here === undefined) break;
    claim = here.claim ?? claim;
  }
  return claim;
}

function claimDeletes(
  input: Tree,
  { glob, except = [], expect, optional = false }: Extract<PathOperation, { delete: unknown }>['delete'],
  operation: number,
  name: string,
  add: (claim: Claim) => void,
  problems: Problem[],
  budget: { left: number },
): void {
  const exempt = except.map((one) => matcherOf(one));
  const taken = new Set<string>();
  for (const one of typeof glob === 'string' ? [glob] : glob) {
    const whole = wholePath(one);
    let found = 0;
    const take = (path: string, leaves: number): void => {
      found += leaves;
      if (taken.has(path)) return;
      taken.add(path);
      add({ operation, kind: 'delete', from: path, to: undefined });
    };
    const start = whole ?? fixedPart(one);
    const node = start === '' ? input : entryAt(input, start);
    // `dir/**` is what is in the directory, and not a file of that name.
    const fitting = node !== undefined && !(node.kind === 'leaf' && one !== whole);
    if (fitting && whole !== undefined && exempt.length === 0) take(whole, node.kind === 'leaf' ? 1 : node.leaves);
    else if (fitting) {
      const matches = whole === undefined ? compileGlob(one) : () => true;
      const leaves = node.kind === 'leaf' ? [{ path: start }] : walkLeaves(node, start === '' ? '' : `${start}/`);
      for (const { path } of leaves) {
        budget.left -= 1 + exempt.length;
        if (budget.left < 0) break;
        if (matches(path) && !exempt.some((spares) => spares(path))) take(path, 1);
      }
    }
    if (found === 0 && !optional && expect === undefined) {
      problems.push({
        code: 'EDIT_NO_MATCH',
        operation: name,
        path: one,
        message: `${one} matches nothing in the input`,
        hint: 'Correct it, or say "optional: true".',
      });
    }
  }
  if (budget.left < 0) {
    problems.push({
      code: 'PATTERN_TIMEOUT',
      operation: name,
      message: 'the globs of this manifest ask about too many paths',
      hint: 'Name directories in place of "**" at the beginning of globs.',
    });
  }
}

/** A glob without wildcards as the path it is; with `dir/**` also the directory. */
function wholePath(glob: string): string | undefined {
  const plain = glob.endsWith('/**') ? glob.slice(0, -3) : glob;
  return /[*?[\]{}\\!]/.test(plain) ? undefined : plain;
}

function matcherOf(glob: string): (path: string) => boolean {
  const whole = wholePath(glob);
  return whole === undefined ? compileGlob(glob) : (path) => path === whole || path.startsWith(`${whole}/`);
}

// The directories of a glob before its first wildcard: nothing above them needs to be looked at.
function fixedPart(glob: string): string {
  const names = glob.split('/');
  const first = names.findIndex((name) => /[*?[\]{}\\!]/.test(name));
  return names.slice(0, first).join('/');
}

function reach(root: ClaimNode, path: string): ClaimNode {
  let here = root;
  for (const name of path.split('/')) {
    let next = here.below.get(name);
    if (next === undefined) {
      next = { below: new Map() };
      here.below.set(name, next);
    }
    here = next;
  }
  return here;
}

function nameOf(operations: readonly PathOperation[], index: number): string {
  const operation = operations[index];
  return operation === undefined ? '' : operationName(operation, index);
}
