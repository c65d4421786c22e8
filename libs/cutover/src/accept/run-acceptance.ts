import { BatonError } from '@baton/kernel';
import type { ResultContext } from '../model/context.ts';
import type { Criterion } from '../model/manifest.ts';
import type { CriterionResult } from '../model/plan.ts';
import { checkParity } from '../parity/check-parity.ts';
import { checkCommand } from './check-command.ts';
import { checkAbsent, checkContains, checkExists, checkSameBlob } from './check-tree.ts';
import type { Judgement } from './judgement.ts';

/**
 * Judges every criterion on the result tree, in the order of the manifest. What cannot be judged here is `pending`, never passed;
 * nothing is thrown for a criterion that fails.
 *
 * @throws BatonError `INTERRUPTED`
 */
export async function runAcceptance(
  context: ResultContext,
  criteria: readonly Criterion[],
): Promise<CriterionResult[]> {
  const results: CriterionResult[] = [];
  for (const criterion of criteria) {
    context.signal?.throwIfAborted();
    const { id, text = describe(criterion) } = criterion;
    // The others take no time that anybody would notice.
    const slow = 'cmd' in criterion;
    if (slow) context.emit({ type: 'accept.start', id: `accept ${id}`, label: `accept ${id}: ${text}` });
    const judgement = await judged(context, criterion);
    if (slow) context.emit({ type: 'accept.end', id: `accept ${id}`, detail: judgement.state });
    results.push({ id, text, ...judgement });
  }
  return results;
}

// A pattern or glob that cannot be read fails its criterion and not the whole list.
async function judged(context: ResultContext, criterion: Criterion): Promise<Judgement> {
  try {
    return await judge(context, criterion);
  } catch (error) {
    if (!(error instanceof BatonError) || !error.code.startsWith('PATTERN_')) throw error;
    return { state: 'failed', detail: error.message };
  }
}

async function judge(context: ResultContext, criterion: Criterion): Promise<Judgement> {
  if ('exists' in criterion) return checkExists(context, [criterion.exists].flat());
  if ('absent' in criterion) return checkAbsent(context, [criterion.absent].flat(), criterion.blobs === true);
  if ('contains' in criterion) return await checkContains(context, criterion.contains);
  if ('same-blob' in criterion) return checkSameBlob(context, criterion['same-blob']);
  if ('cmd' in criterion) return await checkCommand(context, criterion.cmd);
  return await checkParity(context, criterion.parity);
}

function describe(criterion: Criterion): string {
  if ('exists' in criterion) return `${[criterion.exists].flat().join(', ')} exists`;
  if ('absent' in criterion) {
    const paths = [criterion.absent].flat().join(', ');
    return criterion.blobs === true ? `nothing of the old ${paths} is left` : `${paths} is gone`;
  }
  if ('contains' in criterion) {
    const { path, text, not } = criterion.contains;
    return `${path} ${not === true ? 'does not contain' : 'contains'} ${JSON.stringify(text)}`;
  }
  if ('same-blob' in criterion) return `${criterion['same-blob'].to} has the bytes of ${criterion['same-blob'].from}`;
  if ('cmd' in criterion) return criterion.cmd.run.join(' ');
  return `${criterion.parity.new} can do what ${criterion.parity.old} could`;
}
