import { join } from 'node:path';
import {
  type CutoverPlan,
  cutoverApplyOptions,
  loadCutover,
  runApply,
  verificationError,
  verifyCutover,
  withStore,
} from '@baton/cutover';
import type { ImageIo } from '@baton/image';
import { plural } from '@baton/kernel';
import { cutoverExample } from '@baton/testkit';

/** What the demo shows of a cutover. */
export interface DemoCutover {
  plan: CutoverPlan;
  branch: string;
  /** What `verify` said of the commit. */
  verdict: string;
}

/**
 * Cuts the example over in a repository of its own: plan, commit, and its derivation by somebody who has the commit
 * alone. Its acceptance builds the flattened module where Go is. Throws `CUTOVER_REJECTED` and its like.
 */
export async function cutExampleOver(
  io: ImageIo & { signal: AbortSignal },
): Promise<{ result: DemoCutover; said: string }> {
  const { dir } = await cutoverExample();
  // It plans first; the build is the one thing that takes seconds, and once is enough.
  const { plan, applied, error: refusal } = await runApply(cutoverApplyOptions.parse({ path: dir }), io);
  if (refusal !== undefined) throw refusal;
  const branch = applied?.ref?.replace('refs/heads/', '') ?? '';
  const verdict = await withStore(dir, async (store) => {
    const commit = applied?.commit ?? branch;
    const cutover = await loadCutover({ store, commit: `${commit}^1` });
    const result = await verifyCutover({ store, commit, cutover }, io);
    const error = verificationError(result);
    if (error !== undefined) throw error;
    return result.state;
  });
  const { moved, deleted, edited } = plan.accounting;
  const built = plan.acceptance.find(({ id }) => id === 'builds');
  const builds =
    built?.state === 'passed' ? ', and the new module builds' : `; ${built?.detail ?? 'nothing was built'}`;
  const said = `${plural(moved, 'file')} moved, ${deleted} deleted, ${edited} edited in one commit; verified: ${verdict}${builds}`;
  return { result: { plan, branch, verdict }, said };
}

/** Where the example lies, from the root of the repository. */
export const EXAMPLE = join('examples', 'cutover');
