import { plural } from '@baton/kernel';
import type { FuzzResult } from './fuzz-parity.ts';

/** A search for people. Everything that is printed is escaped already: messages come from the comparison. */
export function reportFuzz(result: FuzzResult): string {
  const { tier, seed, tried, seconds, found, flaky, undetermined, interrupted } = result;
  const what = tier === 'text' ? 'text' : 'scenario';
  const lines = [`${plural(tried, what)} in ${seconds} s, seed ${seed}${interrupted ? ', interrupted' : ''}`];
  const open = Object.values(undetermined).reduce((sum, count) => sum + count, flaky);
  if (found === undefined) {
    const same = tried - open;
    lines.push(`OLD and NEW did the same in ${open === 0 && tried > 0 ? 'all of them' : `${same} of them`}.`);
  } else {
    lines.push(
      `OLD and NEW differ in case ${found.number}: ${found.message}`,
      `shrunk in ${plural(found.shrinks, 'attempt')}${found.complete ? '' : ' (not to the end)'}, path ${found.path || 'none'}`,
      `written: ${found.file}`,
      `again: the same command with --seed ${found.seed} --count 1`,
      `on its own: baton parity run --only ${found.scenario}`,
    );
  }
  if (flaky > 0)
    lines.push(`${plural(flaky, 'difference')} did not come twice, and do not count: look at them with --noise`);
  for (const [code, count] of Object.entries(undetermined)) lines.push(`without a verdict: ${count} (${code})`);
  return lines.join('\n');
}
