import { displayPath } from '@baton/git';
import { plural } from '@baton/kernel';
import { table, tree, visibleText } from '@baton/report';
import type { AppliedCutover, CutoverVerification, RevertedCutover } from '../engine/types.ts';
import { diffText } from './diff-text.ts';
import type { CutoverOutcome } from './plan-outcome.ts';
import { reportPlan } from './report-plan.ts';

/** Paths of a commit that differs that are drawn. */
const DIFFERENCES = 40;

/** A plan without its diffs, and what became of it. */
export function reportOutcome({ plan, applied, manifestInBase }: Omit<CutoverOutcome, 'error'>): string {
  const planned = reportPlan(plan, { diff: false, manifestInBase });
  return applied === undefined ? planned : `${planned}\n\n${reportApplied(applied)}`;
}

/** What became of a plan, for a terminal. */
export function reportApplied(applied: AppliedCutover): string {
  const said = applied.state === 'applied' ? 'applied' : 'already done, nothing changed';
  const rows = [
    ['commit', applied.commit],
    ['tree', applied.tree],
    ...(applied.ref === undefined ? [] : [['branch', applied.ref]]),
    ...(applied.before === undefined || applied.before === applied.commit ? [] : [['was at', applied.before]]),
    ...(applied.checkout === undefined ? [] : [['checkout', applied.checkout.dir]]),
    ...(applied.statement === undefined ? [] : [['statement', applied.statement]]),
  ];
  const left = applied.checkout?.leftovers ?? [];
  const leftovers =
    left.length === 0
      ? []
      : [
          tree({
            label: 'left in directories that are gone from the commit (ignored or untracked; yours to remove)',
            children: left.map((path) => ({ label: displayPath(path) })),
          }),
        ];
  const next = nextWords(applied);
  return [said, table(rows), ...leftovers, ...(next === undefined ? [] : [next])].join('\n');
}

function nextWords({ state, ref, checkout }: AppliedCutover): string | undefined {
  if (state !== 'applied' || ref === undefined || checkout !== undefined) return undefined;
  return `next: baton cutover verify ${ref.replace('refs/heads/', '')}, then baton cutover open`;
}

/** The verdict on a commit, for a terminal. */
export function reportVerification(result: CutoverVerification): string {
  const said = {
    identical: 'identical: the commit is exactly what parent and manifest give',
    'same-tree':
      'same tree: the files are exactly what parent and manifest give; the commit itself was written otherwise',
    different: `different: ${plural(result.differences.length, 'path')} ${result.differences.length === 1 ? 'is' : 'are'} not what parent and manifest give`,
  }[result.state];
  const rest = result.differences.length - DIFFERENCES;
  const { expected, found } = result.manifestDigest;
  const rows = [
    ['commit', result.commit],
    ['parent', result.parent],
    ['tree', result.tree.found],
    ...(result.state === 'different' ? [['expected tree', result.tree.expected]] : []),
    [
      'manifest',
      found === undefined
        ? `${expected} (the commit names none)`
        : found === expected
          ? expected
          : `${expected}, but the commit names ${visibleText(found)}`,
    ],
  ];
  const parts = [
    ...result.payload.map(({ what, expected: wanted, found: there }) => ({
      label: `${what}: expected ${visibleText(wanted)}, found ${visibleText(there)}`,
    })),
    ...result.differences.slice(0, DIFFERENCES).map(({ path, expected: wanted, found: there }) => ({
      label: `${displayPath(path)}: expected ${entry(wanted)}, found ${entry(there)}`,
    })),
    ...(rest <= 0 ? [] : [{ label: `and ${rest} more; --json has them all` }]),
  ];
  const drawn = parts.length === 0 ? [] : [tree({ label: 'differences', children: parts })];
  // Of a commit that is no cutover at all everything differs, and no line of it helps anybody.
  const diffs = rest > 0 ? [] : result.differences.map(({ path, diff }) => diffText({ old: path, new: path }, diff));
  const texts = diffs.filter((text) => text !== '');
  const title = 'from what was expected to what was found:';
  return [[said, table(rows), ...drawn].join('\n'), ...(texts.length === 0 ? [] : [title, ...texts])].join('\n\n');
}

/** An inverse commit and its proof, for a terminal. */
export function reportReverted(reverted: RevertedCutover, dryRun: boolean): string {
  const done = reverted.alreadyDone ? 'reverted before, nothing changed' : dryRun ? 'can be reverted' : 'reverted';
  const proof =
    reverted.proof === 'tree'
      ? `the tree is the one before the cutover: ${reverted.inputTree}`
      : `there were later commits: every path of the cutover is as it was before it (${plural(reverted.paths, 'path')})`;
  return [
    done,
    table([
      ['undoes', `${reverted.cutover.commit} ${visibleText(reverted.cutover.subject)}`],
      ['commit', reverted.commit],
      ['parent', reverted.parent],
      ['tree', reverted.tree],
      ...(reverted.ref === undefined ? [] : [['branch', reverted.ref]]),
      ['proof', proof],
    ]),
  ].join('\n');
}

function entry(value: { mode: string; id: string } | undefined): string {
  return value === undefined ? 'nothing' : `${value.mode} ${value.id.slice(0, 12)}`;
}
