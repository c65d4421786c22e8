import { displayPath } from '@baton/git';
import { compareText, plural } from '@baton/kernel';
import { visibleText } from '@baton/report';
import type {
  Accounting,
  CriterionResult,
  CutoverPlan,
  FileEdit,
  PathChange,
  ScanResult,
  State,
} from '../model/plan.ts';

/** A state as a sign and a word; never a colour alone. */
export const STATE_SIGNS: Readonly<Record<State, string>> = { passed: '✓', failed: '✗', pending: '?' };

/** Results of one state first: what failed, what is pending, what passed; within each in the manifest's order. */
export function worstFirst<T extends { state: State }>(results: readonly T[]): T[] {
  const order: readonly State[] = ['failed', 'pending', 'passed'];
  return order.flatMap((state) => results.filter((result) => result.state === state));
}

/** By path, so that a file is found; the plan has them as the manifest names them. */
export function inOrder<T extends { path: string }>(items: readonly T[]): T[] {
  return [...items].sort((a, b) => compareText(a.path, b.path));
}

/** Everything of a plan that has a state. */
export function judgedParts(plan: CutoverPlan): readonly { id: string; state: State }[] {
  return [...plan.requirements, ...plan.scans, ...plan.acceptance, ...plan.gates];
}

/** How a plan stands: `failed` when one part failed, else `pending` when one cannot be seen, else `passed`. */
export function planState(plan: CutoverPlan): State {
  const parts = judgedParts(plan);
  if (parts.some(({ state }) => state === 'failed')) return 'failed';
  return parts.some(({ state }) => state === 'pending') ? 'pending' : 'passed';
}

/** `12 kept, 40 moved, 20 deleted, 1 created; 14 edited`. */
export function accountingWords(accounting: Accounting): string {
  const parts = [
    `${accounting.kept} kept`,
    `${accounting.moved} moved`,
    `${accounting.deleted} deleted`,
    ...(accounting.replaced === 0 ? [] : [`${accounting.replaced} replaced`]),
    ...(accounting.created === 0 ? [] : [`${accounting.created} created`]),
  ];
  return `${parts.join(', ')}; ${accounting.edited} edited`;
}

/** One entry of a path operation: `agent/go -> agent`, `agent/old`. */
export function entryWords({ from, to, files, onto, note }: PathChange['entries'][number]): string {
  const way =
    from === undefined
      ? `+ ${displayPath(to ?? '')}`
      : to === undefined
        ? displayPath(from)
        : `${displayPath(from)} → ${displayPath(to)}`;
  const facts = [
    ...(files === 1 ? [] : [plural(files, 'file')]),
    ...(onto === undefined || onto === 'absent' ? [] : [`in place of what is ${onto}`]),
    ...(note === undefined ? [] : [visibleText(note)]),
  ];
  return facts.length === 0 ? way : `${way} (${facts.join(', ')})`;
}

/** `agent/Makefile (from agent/go/Makefile, similar) +3 -2`. */
export function editWords({ path, from, rename, added, removed }: FileEdit): string {
  const moved = from === undefined || from === path ? undefined : `from ${displayPath(from)}`;
  const seen =
    rename === undefined
      ? undefined
      : { exact: 'a rename', similar: 'a rename with edits', rewritten: 'shown as deleted and new' }[rename];
  const facts = [...(from === undefined ? ['new'] : []), moved, seen].filter((fact) => fact !== undefined);
  return `${displayPath(path)}${facts.length === 0 ? '' : ` (${facts.join(', ')})`} +${added} -${removed}`;
}

/** What a scan looked at, and how it ended. */
export function scanWords(scan: ScanResult): string {
  const found = scan.findings.length === 0 ? 'nothing left' : plural(scan.findings.length, 'finding');
  const allowed = scan.allowed.length === 0 ? '' : `, ${scan.allowed.length} allowed with a reason`;
  const unused =
    scan.unusedExceptions.length === 0 ? '' : `, ${plural(scan.unusedExceptions.length, 'unused exception')}`;
  return `${scan.id}: ${found}${allowed}${unused} in ${plural(scan.blobs, 'blob')}${scan.cached === 0 ? '' : ` (${scan.cached} known from before)`}`;
}

/** Of a criterion: what is wanted and what was found. */
export function criterionWords({ id, text, detail }: CriterionResult): string {
  return [id, text, detail]
    .filter((part) => part !== '')
    .map(visibleText)
    .join(': ');
}

/** What a plan's state rests on: the commit that has it already, or how many parts passed, failed and are pending. */
export function countWords(plan: CutoverPlan): string {
  if (plan.alreadyDone !== undefined) {
    const { why, commit } = plan.alreadyDone;
    return why === 'trailer' ? `commit ${commit} has this cutover` : 'the tree is as the manifest wants it';
  }
  const parts = judgedParts(plan);
  const count = (state: State): number => parts.filter((part) => part.state === state).length;
  return `${count('passed')} passed, ${count('failed')} failed, ${count('pending')} pending`;
}

/** One sentence on how the plan stands. */
export function verdictWords(plan: CutoverPlan): string {
  const words = { passed: 'ready', failed: 'not acceptable', pending: 'not all of it can be seen yet' };
  return `${plan.alreadyDone === undefined ? words[planState(plan)] : 'already done'}: ${countWords(plan)}`;
}
