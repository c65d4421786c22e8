import { displayPath } from '@baton/git';
import { BatonError, type Json, plural } from '@baton/kernel';
import type { AppliedCutover, CutoverVerification } from '../engine/types.ts';
import type { CutoverPlan } from '../model/plan.ts';
import { judgedParts, planState, verdictWords } from './words.ts';

/** A plan, what became of it, and the answer when that is no. */
export interface CutoverOutcome {
  plan: CutoverPlan;
  /** Undefined after a dry run, and when the plan was refused. */
  applied: AppliedCutover | undefined;
  error: BatonError | undefined;
  /** Whether the base commit has the manifest as it was read here: "cutover verify" looks for it there. */
  manifestInBase: boolean;
}

/** A plan as data that can be printed and stored: everything but the objects, of which there are counts. */
export function planJson(plan: CutoverPlan): unknown {
  const { objects, ...rest } = plan;
  const count = (type: string): number => objects.filter((object) => object.type === type).length;
  return {
    state: plan.alreadyDone === undefined ? planState(plan) : 'already-done',
    ...rest,
    objects: { blobs: count('blob'), trees: count('tree'), commits: count('commit') } satisfies Json,
  };
}

/** The answer of a plan that is not ready: failed parts are `CUTOVER_REJECTED`, unseen ones `CUTOVER_PENDING`. */
export function planError(plan: CutoverPlan): BatonError | undefined {
  if (plan.alreadyDone !== undefined) return undefined;
  const state = planState(plan);
  if (state === 'passed') return undefined;
  const parts = judgedParts(plan).filter((part) => part.state === state);
  const names = parts.map(({ id }) => id).join(', ');
  const what = `cutover ${plan.name}: ${plural(parts.length, 'part')} ${state}: ${names}`;
  return state === 'failed'
    ? new BatonError('CUTOVER_REJECTED', what, {
        hint: 'The plan above says for each what was expected and found; nothing was written.',
        details: { failed: parts.map(({ id }) => id), verdict: verdictWords(plan) },
      })
    : new BatonError('CUTOVER_PENDING', what, {
        hint: 'Pending is never passed: run it where these can be seen, or take them out of the manifest.',
        details: { pending: parts.map(({ id }) => id), verdict: verdictWords(plan) },
      });
}

/** The answer about a commit that is not the mechanical result: `CUTOVER_DIFFERENT`. */
export function verificationError(verification: CutoverVerification): BatonError | undefined {
  const { state, commit, parent, differences, manifestDigest } = verification;
  if (state !== 'different') return undefined;
  const hint =
    manifestDigest.found === undefined
      ? 'The commit names no manifest: is it the one that the cutover made? What was changed by hand belongs into the manifest.'
      : 'Put what was changed by hand into the manifest, apply it again and push that commit.';
  const paths = differences.map(({ path }) => displayPath(path));
  const shown = paths.length > 5 ? `${paths.slice(0, 5).join(', ')} and ${paths.length - 5} more` : paths.join(', ');
  return new BatonError(
    'CUTOVER_DIFFERENT',
    `commit ${commit} is not what the manifest makes of its parent ${parent}: ${plural(paths.length, 'path')} ${paths.length === 1 ? 'differs' : 'differ'}: ${shown}`,
    {
      hint,
      details: { paths },
    },
  );
}

/** A plan and what became of it, as data. */
export function outcomeJson({ plan, applied }: Pick<CutoverOutcome, 'plan' | 'applied'>): unknown {
  return { plan: planJson(plan), applied: applied ?? null };
}
