import { entryAt } from '@baton/git';
import { withPrivateCheckout } from '../generate/private-checkout.ts';
import { findProgram, runApart } from '../generate/run-apart.ts';
import type { ResultContext } from '../model/context.ts';
import type { Criterion } from '../model/manifest.ts';
import type { Judgement } from './judgement.ts';

// Seconds; as for generators.
const TIME_LIMIT = 300;

/** A command ends with exit code 0 in a private checkout of the result tree. A program that it needs and that is not here: pending. */
export async function checkCommand(
  context: ResultContext,
  settings: Extract<Criterion, { cmd: unknown }>['cmd'],
): Promise<Judgement> {
  if (settings.cwd !== undefined && entryAt(context.output, settings.cwd)?.kind !== 'tree') {
    return { state: 'failed', detail: `expected a directory ${settings.cwd} in the result tree, found none` };
  }
  for (const need of settings.needs ?? []) {
    if ((await findProgram(need, '/')) !== undefined) continue;
    return { state: 'pending', detail: `it needs the program "${need}", which is not on the PATH here` };
  }
  const result = await withPrivateCheckout(context, (checkout) =>
    runApart(checkout, {
      argv: settings.run,
      cwd: settings.cwd,
      network: settings.network ?? 'none',
      timeout: settings.timeout ?? TIME_LIMIT,
      signal: context.signal,
    }),
  );
  const note = result.networkNote === undefined ? '' : ` (${result.networkNote})`;
  const last = result.lines.at(-1);
  const said = result.ok || last === undefined ? '' : `: ${last}`;
  return { state: result.ok ? 'passed' : 'failed', detail: `${result.how}${said}${note}`, lines: result.lines };
}
