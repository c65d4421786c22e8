import {
  cutoverRevertOptions,
  demandCommit,
  demandWorkTree,
  reportReverted,
  revertCutover,
  withStore,
} from '@baton/cutover';
import { defineCommand } from '../command.ts';

/** `baton cutover revert`. */
export const cutoverRevert = defineCommand(cutoverRevertOptions, async (options, { emit, signal }) =>
  withStore(options.repository, async (store) => {
    if (options.checkout) demandWorkTree(store);
    await demandCommit(store, '<commit>', options.commit);
    await demandCommit(store, '--onto', options.onto);
    const reverted = await revertCutover({
      store,
      commit: options.commit,
      onto: options.onto,
      ref: options.branch,
      checkout: options.checkout ? store.dir : undefined,
      dryRun: options.dryRun,
      emit,
      signal,
    });
    return { result: reverted, text: reportReverted(reverted, options.dryRun) };
  }),
);
