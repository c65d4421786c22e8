import { displayPath } from '@baton/git';
import { plural } from '@baton/kernel';
import { type TreeNode, table, tree, visibleText } from '@baton/report';
import type { CriterionResult, CutoverPlan, PathChange, ScanResult } from '../model/plan.ts';
import { diffText } from './diff-text.ts';
import {
  accountingWords,
  criterionWords,
  editWords,
  entryWords,
  inOrder,
  planState,
  STATE_SIGNS,
  scanWords,
  verdictWords,
  worstFirst,
} from './words.ts';

/** How a plan is drawn. */
export interface PlanTextOptions {
  /** The unified diff of every edit. */
  diff: boolean;
  /** Says how to go on. */
  next?: boolean;
  /** False: the base has another manifest or none, which is worth a line. */
  manifestInBase?: boolean;
  /** Entries, findings and diff lines drawn of each list (40, and 400 lines of one file's diff); the rest is counted. */
  limit?: number;
}

/**
 * A plan for a terminal: what happens to paths, every edit with its diff, what the scans found, what is accepted, and the
 * commit. Everything from the repository is made visible; nothing is said by colour.
 */
export function reportPlan(plan: CutoverPlan, options: PlanTextOptions): string {
  const limit = options.limit ?? 40;
  const roots: TreeNode[] = [
    pathsNode(plan, limit),
    editsNode(plan, limit),
    ...(plan.generated.length === 0 ? [] : [generatedNode(plan)]),
    ...criteriaNode('requirements', plan.requirements),
    ...scansNode(plan.scans, limit),
    ...criteriaNode('acceptance', plan.acceptance),
    ...criteriaNode('gates', plan.gates),
  ];
  const diffs = options.diff
    ? inOrder(plan.edits)
        .map(({ path, from, diff }) => diffText({ old: from, new: path }, diff))
        .filter((text) => text !== '')
    : [];
  const last = [
    verdictWords(plan),
    ...(options.manifestInBase === false ? [UNCOMMITTED] : []),
    ...(options.next === true ? nextWords(plan) : []),
  ];
  return [
    tree({ label: `cutover ${visibleText(plan.name)}`, children: roots }),
    ...diffs,
    table([
      ['base', plan.base.commit],
      ['tree', plan.commit.tree],
      ['commit', plan.commit.id ?? 'known once it is signed'],
      ['manifest', plan.manifestDigest],
    ]),
    last.join('\n'),
  ].join('\n\n');
}

function pathsNode(plan: CutoverPlan, limit: number): TreeNode {
  const { input, output } = plan.accounting;
  const kinds = plan.paths.map((change) => ({
    label: `${change.operation}: ${plural(change.files, 'file')}${because(change.reason)}`,
    children: some(change.entries, limit, 'entry', entryNode, 'entries'),
  }));
  const directories = plan.accounting.byDirectory
    .filter(({ before, after }) => before !== after)
    .map(({ directory, before, after }) => ({
      label: `${displayPath(directory)}: ${before} → ${plural(after, 'file')}`,
    }));
  return {
    label: `paths: ${input} → ${plural(output, 'file')} (${accountingWords(plan.accounting)})`,
    children: [...kinds, ...directories],
  };
}

function entryNode(entry: PathChange['entries'][number]): TreeNode {
  return { label: entryWords(entry) };
}

function editsNode(plan: CutoverPlan, limit: number): TreeNode {
  return {
    label: `edits: ${plural(plan.edits.length, 'file')}`,
    children: some(inOrder(plan.edits), limit, 'file', (edit) => ({
      label: editWords(edit),
      children: edit.operations.map(({ operation, matches, reason, note }) => ({
        label: `${operation}: ${note === undefined ? plural(matches, 'place') : note}${because(reason)}`,
      })),
    })),
  };
}

function generatedNode(plan: CutoverPlan): TreeNode {
  return {
    label: `generated: ${plural(plan.generated.length, 'file')}`,
    children: plan.generated.map(({ operation, path, before, after }) => ({
      label: `${displayPath(path)} (${operation}, ${before === undefined ? 'new' : after === undefined ? 'removed' : before === after ? 'unchanged' : 'changed'})`,
    })),
  };
}

function criteriaNode(title: string, results: readonly CriterionResult[]): TreeNode[] {
  if (results.length === 0) return [];
  const children = worstFirst(results).map((result) => ({
    label: `${STATE_SIGNS[result.state]} ${result.state} ${criterionWords(result)}`,
    children: result.state === 'passed' ? [] : (result.lines ?? []).map((line) => ({ label: visibleText(line) })),
  }));
  return [{ label: title, children }];
}

function scansNode(scans: readonly ScanResult[], limit: number): TreeNode[] {
  if (scans.length === 0) return [];
  const children = worstFirst(scans).map((scan) => ({
    label: `${STATE_SIGNS[scan.state]} ${scan.state} ${visibleText(scanWords(scan))}`,
    children: [
      ...some(scan.findings, limit, 'finding', ({ path, line, text, what }) => ({
        label: `${displayPath(path)}:${line}: ${visibleText(what)}: ${visibleText(text.trim())}`,
      })),
      ...scan.unusedExceptions.map(({ path, what }) => ({
        label: `exception that matches nothing: ${displayPath(path)}: ${visibleText(what)}`,
      })),
    ],
  }));
  return [{ label: 'scans', children }];
}

const UNCOMMITTED =
  'note: the base does not have this manifest as it is here, and "baton cutover verify" looks for it there: commit it first';

// With the tree that was read here, so that another one is refused.
function nextWords(plan: CutoverPlan): string[] {
  if (plan.alreadyDone !== undefined || planState(plan) === 'failed') return [];
  return [`next: baton cutover apply --expect-tree ${plan.commit.tree}`];
}

function because(reason: string | undefined): string {
  return reason === undefined ? '' : `, because ${visibleText(reason)}`;
}

function some<T>(
  items: readonly T[],
  limit: number,
  noun: string,
  draw: (item: T) => TreeNode,
  many = `${noun}s`,
): TreeNode[] {
  const rest = items.length - limit;
  const drawn = items.slice(0, limit).map(draw);
  return rest <= 0 ? drawn : [...drawn, { label: `and ${rest} more ${rest === 1 ? noun : many}` }];
}
