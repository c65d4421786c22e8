import {
  cutoverVerifyOptions,
  demandCommit,
  loadCutover,
  reportVerification,
  verificationError,
  verifyCutover,
  withStore,
} from '@baton/cutover';
import { sourceDateEpoch } from '@baton/kernel';
import { defineCommand } from '../command.ts';

/** `baton cutover verify`. */
export const cutoverVerify = defineCommand(cutoverVerifyOptions, async (options, { emit, signal, env }) =>
  withStore(options.repository, async (store) => {
    const { commit, manifest, fromDisk } = options;
    await demandCommit(store, '<commit>', commit);
    await demandCommit(store, 'the parent of <commit>', `${commit}^1`);
    const cutover = await loadCutover(fromDisk ? manifest : { store, commit: `${commit}^1`, path: manifest });
    const result = await verifyCutover(
      { store, commit, cutover },
      { emit, signal },
      { sourceDateEpoch: sourceDateEpoch(env) },
    );
    return { result, text: reportVerification(result), error: verificationError(result) };
  }),
);
