import { BatonError } from '@baton/kernel';

/**
 * Refuses to write goldens in CI, whatever the options: what a pipeline may write it compares with nothing. CI is where `CI` is `true` or
 * `1`, or `GITHUB_ACTIONS` is set. Throws `GOLDEN_READ_ONLY`.
 */
export function refuseInCi(env: NodeJS.ProcessEnv, verb: 'record' | 'accept' | 'prune' | 'import'): void {
  const { CI = '', GITHUB_ACTIONS = '' } = env;
  const by = /^(?:true|1)$/i.test(CI) ? `CI=${CI}` : GITHUB_ACTIONS === '' ? undefined : 'GITHUB_ACTIONS';
  if (by === undefined) return;
  throw new BatonError('GOLDEN_READ_ONLY', `"baton parity ${verb}" writes goldens, and this is CI (${by})`, {
    hint: `Run "baton parity ${verb}" on a machine of your own, look at the difference, and commit it. There is no override.`,
  });
}
