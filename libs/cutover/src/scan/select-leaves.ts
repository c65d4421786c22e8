import { compileGlob } from '@baton/edit';
import { comparePaths, type Leaf, type Tree } from '@baton/git';
import type { ScanResult } from '../model/plan.ts';

/** A file or link of a tree. */
export interface SelectedLeaf {
  path: string;
  leaf: Leaf;
}

/** Files of a tree, and the globs that chose none. */
export interface Selection {
  leaves: readonly SelectedLeaf[];
  idle: readonly string[];
}

/** Which files are looked at. */
export interface Choice {
  /** Asked of every file; `below` is its directory with a slash behind it, or empty. Submodules are none. */
  takes(leaf: Leaf, below: string, name: string): boolean;
  /** Whether every file is taken. */
  isPlain: boolean;
  /** Globs that took no file of those that were asked about. */
  idle(): string[];
}

/**
 * Files and links that one glob of `within` matches (all, when left out).
 *
 * @param options.not globs of files to leave out; `only`: asked of every other path
 * @throws BatonError `PATTERN_INVALID`
 */
export function chooseLeaves(
  within: string | readonly string[] | undefined,
  { not = [], only }: { not?: readonly string[] | undefined; only?: (path: string) => boolean } = {},
): Choice {
  const wanted =
    within === undefined ? undefined : [within].flat().map((glob) => ({ glob, matches: compileGlob(glob) }));
  const unwanted = not.map((glob) => compileGlob(glob));
  const used = new Set<string>();
  const isPlain = wanted === undefined && unwanted.length === 0 && only === undefined;
  return {
    isPlain,
    takes({ mode }, below, name) {
      if (mode === '160000') return false;
      if (isPlain) return true;
      const path = below + name;
      if (wanted !== undefined) {
        const fitting = wanted.filter(({ matches }) => matches(path));
        if (fitting.length === 0) return false;
        for (const { glob } of fitting) used.add(glob);
      }
      return !unwanted.some((matches) => matches(path)) && only?.(path) !== false;
    },
    idle: () => (wanted ?? []).map(({ glob }) => glob).filter((glob) => !used.has(glob)),
  };
}

/** {@link chooseLeaves} of a whole tree, in its order. */
export function selectLeaves(
  tree: Tree,
  within: string | readonly string[] | undefined,
  options: { not?: readonly string[] | undefined; only?: (path: string) => boolean } = {},
): Selection {
  const choice = chooseLeaves(within, options);
  const leaves: SelectedLeaf[] = [];
  visitLeaves(tree, '', (leaf, below, name) => {
    if (choice.takes(leaf, below, name)) leaves.push({ path: below + name, leaf });
  });
  return { leaves: leaves.sort((a, b) => comparePaths(a.path, b.path)), idle: choice.idle() };
}

/** Calls `visit` for every leaf, in no particular order: hundreds of thousands of paths need not be made for a few. */
export function visitLeaves(tree: Tree, below: string, visit: (leaf: Leaf, below: string, name: string) => void): void {
  for (const [name, node] of tree.entries) {
    if (node.kind === 'leaf') visit(node, below, name);
    else visitLeaves(node, `${below}${name}/`, visit);
  }
}

/**
 * The state of a scan: it passes without findings, without exceptions that were not needed, and only if every glob of `in` chose
 * a file: a scan that looks at nothing proves nothing. `optional` takes the last two back.
 */
export function scanState(
  found: Pick<ScanResult, 'findings' | 'allowed' | 'unusedExceptions'>,
  { idle }: Pick<Selection, 'idle'>,
  { optional }: { optional?: boolean },
): Pick<ScanResult, 'state' | 'findings' | 'allowed' | 'unusedExceptions'> {
  if (optional === true) return { ...found, state: found.findings.length === 0 ? 'passed' : 'failed' };
  const empty = idle.map((glob) => ({ path: glob, line: 0, text: glob, what: 'the glob matches no file to look at' }));
  const findings = [...found.findings, ...empty];
  const passed = findings.length === 0 && found.unusedExceptions.length === 0;
  return { ...found, findings, state: passed ? 'passed' : 'failed' };
}
