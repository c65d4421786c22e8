import { realpath } from 'node:fs/promises';
import { basename, join, relative } from 'node:path';
import { hashObject, leafAt } from '@baton/git';
import { type Emit, sourceDateEpoch, writeFileAtomic } from '@baton/kernel';
import type * as z from 'zod';
import { applyCutover } from './engine/apply-cutover.ts';
import { fullRef } from './engine/choose-ref.ts';
import { planCutover } from './engine/plan-cutover.ts';
import type { CutoverPlan } from './model/plan.ts';
import type { cutoverApplyOptions, cutoverPlanOptions } from './options.ts';
import { type CutoverOutcome, planError } from './report/plan-outcome.ts';
import { reportPlanHtml } from './report/report-html.ts';
import { type CutoverSource, demandCommit, demandWorkTree, withCutover } from './sources.ts';

/** What surrounds a call: who hears of progress, who may stop it, where results are kept. */
export interface CutoverIo {
  emit: Emit;
  signal?: AbortSignal | undefined;
  cacheDir: string;
  env: NodeJS.ProcessEnv;
}

/** Plans the cutover of a manifest, and writes the page where one is wanted. Errors: those of `planCutover`. */
export async function runPlan(options: z.output<typeof cutoverPlanOptions>, io: CutoverIo): Promise<CutoverOutcome> {
  return await withCutover(options.path, options.repository, async (source) => {
    const plan = await planned(source, options, io);
    return { plan, applied: undefined, error: planError(plan), manifestInBase: await isInBase(source, plan) };
  });
}

/**
 * Plans, and makes the commit when nothing failed. Pending parts do not stop a commit on a branch of its own: the pull request
 * shows them. Errors: those of `planCutover` and `applyCutover`.
 */
export async function runApply(options: z.output<typeof cutoverApplyOptions>, io: CutoverIo): Promise<CutoverOutcome> {
  return await withCutover(options.path, options.repository, async (source) => {
    if (options.checkout) demandWorkTree(source.store);
    const ref = options.branch === undefined ? undefined : fullRef(options.branch);
    const plan = await planned(source, options, io);
    const error = planError(plan);
    const manifestInBase = await isInBase(source, plan);
    if (options.dryRun || error?.code === 'CUTOVER_REJECTED')
      return { plan, applied: undefined, error, manifestInBase };
    const applied = await applyCutover(plan, {
      ...source,
      ref,
      expectTree: options.expectTree,
      checkout: options.checkout ? source.store.dir : undefined,
      statement: options.statement,
      emit: io.emit,
      signal: io.signal,
    });
    return { plan, applied, error: undefined, manifestInBase };
  });
}

async function planned(
  { store, cutover }: CutoverSource,
  { base, html }: { base: string; html?: string | undefined },
  { emit, signal, cacheDir, env }: CutoverIo,
): Promise<CutoverPlan> {
  await demandCommit(store, '--base', base);
  const plan = await planCutover(
    { store, cutover, base },
    { emit, signal },
    { cacheDir, checkout: store.bare ? undefined : store.dir, sourceDateEpoch: sourceDateEpoch(env) },
  );
  if (html !== undefined) await writeFileAtomic(html, reportPlanHtml(plan));
  return plan;
}

async function isInBase({ store, cutover }: CutoverSource, { base }: CutoverPlan): Promise<boolean> {
  const path = cutover.dir === undefined ? undefined : relative(store.dir, await realpath(cutover.dir));
  if (path === undefined || path === '..' || path.startsWith('../')) return false;
  const leaf = leafAt(await store.readTree(base.commit), join(path, basename(cutover.where)));
  return leaf !== undefined && leaf.id === hashObject(store.format, 'blob', cutover.bytes).id;
}
