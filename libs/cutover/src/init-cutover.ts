import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { ObjectStore } from '@baton/git';
import { BatonError, writeFileAtomic } from '@baton/kernel';
import type * as z from 'zod';
import type { Proposal } from './init/proposal.ts';
import { proposeCutover } from './init/propose-cutover.ts';
import { writeProposal } from './init/write-proposal.ts';
import { CUTOVER_NAME } from './manifest/load-cutover.ts';
import type { cutoverInitOptions } from './options.ts';
import { demandCommit } from './sources.ts';

/** A proposal, its text, and the file that it was written to. */
export interface InitResult {
  proposal: Proposal;
  text: string;
  /** Undefined after a dry run. */
  written: string | undefined;
}

/**
 * Looks at a commit and writes a first manifest.
 *
 * @throws BatonError `USAGE` when there is a manifest already, or no place for one; those of `proposeCutover`
 */
export async function initCutover(
  store: ObjectStore,
  options: z.output<typeof cutoverInitOptions>,
): Promise<InitResult> {
  const to = options.to ?? join(store.dir, CUTOVER_NAME);
  if (!options.dryRun) await refuseToReplace(to, store.bare && options.to === undefined, options.force);
  await demandCommit(store, '--base', options.base);
  const proposal = await proposeCutover({
    tree: await store.readTree(await store.resolveCommit(options.base)),
    readBlobs: (ids) => store.readBlobs(ids),
    hints: {
      ...(options.old.length === 0 ? {} : { old: options.old }),
      ...(options.nested === undefined ? {} : { nested: options.nested }),
      ...(options.component === undefined ? {} : { component: options.component }),
    },
    ...(options.author === undefined ? {} : { author: identity(options.author) }),
  });
  const text = writeProposal(proposal);
  if (!options.dryRun) await writeFileAtomic(to, text);
  return { proposal, text, written: options.dryRun ? undefined : to };
}

async function refuseToReplace(to: string, homeless: boolean, force: boolean): Promise<void> {
  if (homeless) {
    throw new BatonError('USAGE', 'a bare repository has no place for a manifest', { hint: 'Name a file with --to.' });
  }
  if (force || (await stat(to).catch(() => undefined)) === undefined) return;
  throw new BatonError('USAGE', `there is a manifest already: ${to}`, {
    hint: 'Keep it, write to another file with --to, or replace it with --force.',
  });
}

// The option's pattern has been checked: "Name <mail>".
function identity(text: string): { name: string; email: string } {
  const open = text.lastIndexOf(' <');
  return { name: text.slice(0, open), email: text.slice(open + 2, -1) };
}
