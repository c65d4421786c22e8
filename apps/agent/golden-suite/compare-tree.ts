import { compareTexts, type TextRules } from './compare-text.ts';
import type { Difference } from './difference.ts';
import { normalisePath } from './normalise.ts';
import { contentsOf, type RecordedFile } from './recording.ts';
import type { ObservedFile, TreeChange } from './snapshot.ts';

/** What a run left in a tree, as it was recorded. */
export interface RecordedTree {
  files: readonly RecordedFile[];
  deleted: readonly string[];
  rootMode?: string | undefined;
}

/**
 * What is different in a tree: names (several may share one after normalisation), kinds, modes, links, contents, and what is gone.
 *
 * `tree` is how differences call it.
 */
export function compareTrees(tree: string, recorded: RecordedTree, found: TreeChange, rules: TextRules): Difference[] {
  const differences: Difference[] = [];
  const wanted = Map.groupBy(recorded.files, (file) => (rules.raw ? file.path : (file.norm_path ?? file.path)));
  // What was laid out has its name from the scenario, and keeps it.
  const got = Map.groupBy(found.files, (file) =>
    rules.raw || file.change !== undefined ? file.path : normalisePath(file.path),
  );
  for (const name of [...new Set([...wanted.keys(), ...got.keys()])].sort()) {
    const problems = compareNamesakes(wanted.get(name) ?? [], got.get(name) ?? [], rules);
    differences.push(...problems.map((problem) => ({ where: `${tree} ${name}`, problem })));
  }
  for (const path of recorded.deleted.filter((path) => !found.deleted.includes(path))) {
    differences.push({ where: `${tree} ${path}`, problem: 'should be gone, and is there' });
  }
  for (const path of found.deleted.filter((path) => !recorded.deleted.includes(path))) {
    differences.push({ where: `${tree} ${path}`, problem: 'was laid out, and is gone' });
  }
  if (recorded.rootMode !== found.rootMode) {
    const problem = `mode ${recorded.rootMode ?? 'unchanged'}, found ${found.rootMode ?? 'unchanged'}`;
    differences.push({ where: `${tree} /`, problem });
  }
  return differences;
}

// Files whose names differ only in their moment, in no particular order: equal ones are paired first.
function compareNamesakes(wanted: readonly RecordedFile[], found: readonly ObservedFile[], rules: TextRules): string[] {
  const left = [...found];
  const unpaired = wanted.filter((file) => {
    const at = left.findIndex((other) => compareFile(file, other, rules).length === 0);
    if (at !== -1) left.splice(at, 1);
    return at === -1;
  });
  const problems: string[] = [];
  for (const file of unpaired) {
    const other = left.shift();
    if (other === undefined) problems.push(`missing: ${describeEntry(file)}${of(wanted.length)}`);
    else problems.push(...compareFile(file, other, rules));
  }
  return [...problems, ...left.map((file) => `should not be there: ${describeEntry(file)}${of(found.length)}`)];
}

function compareFile(recorded: RecordedFile, found: ObservedFile, rules: TextRules): string[] {
  const problems: string[] = [];
  if (recorded.type !== found.type) return [`a ${recorded.type}, found a ${found.type}`];
  if (recorded.mode !== undefined && recorded.mode !== found.mode) {
    problems.push(`mode ${recorded.mode}, found ${found.mode}`);
  }
  if (recorded.target !== found.target) problems.push(`link to ${recorded.target}, found ${found.target}`);
  if (recorded.change !== found.change) {
    problems.push(`${recorded.change ?? 'new'}, found ${found.change ?? 'new'} against what was laid out`);
  }
  const contents = contentsOf(recorded);
  const problem = contents && found.contents ? compareTexts(contents, found.contents, rules) : undefined;
  return problem === undefined ? problems : [...problems, problem];
}

function describeEntry({ type, mode, path }: { type: string; mode?: string | undefined; path: string }): string {
  return `${type} ${path}${mode === undefined ? '' : `, mode ${mode}`}`;
}

function of(count: number): string {
  return count > 1 ? ` (one of ${count} of this name)` : '';
}
