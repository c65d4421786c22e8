import { type Leaf, leafAt, type Tree, walkLeaves } from '@baton/git';
import { BatonError, plural } from '@baton/kernel';
import type { ResultContext } from '../model/context.ts';
import type { Criterion } from '../model/manifest.ts';
import type { CriterionResult } from '../model/plan.ts';
import type { Parity } from './capabilities.ts';
import { dockerParity } from './docker-parity.ts';
import { makeParity } from './make-parity.ts';
import { parent, whoCalls } from './who-calls.ts';
import { workflowParity } from './workflow-parity.ts';

/** The settings of a criterion `parity`. */
export type ParitySettings = Extract<Criterion, { parity: unknown }>['parity'];

/** Judges one old file against the new one: every loss must be declared, and every declared loss must be one. */
export async function checkParity(
  context: ResultContext,
  settings: ParitySettings,
): Promise<Pick<CriterionResult, 'state' | 'detail' | 'lines'>> {
  const before = leafAt(context.input, settings.old);
  const after = leafAt(context.output, settings.new);
  if (before === undefined) return failed(`expected ${settings.old} in the input tree, found nothing there`);
  if (after === undefined) return failed(`expected ${settings.new} in the result tree, found nothing there`);
  let parity: Parity;
  try {
    parity = await compare(context, settings, before, after);
  } catch (error) {
    if (error instanceof BatonError && error.code.startsWith('EDIT_')) return failed(error.message);
    throw error;
  }
  return judge(parity, settings);
}

function judge(
  { same, gains, losses }: Parity,
  settings: ParitySettings,
): Pick<CriterionResult, 'state' | 'detail' | 'lines'> {
  const declared = new Map((settings.losses ?? []).map(({ what, reason }) => [what, reason]));
  const open = losses.filter((what) => !declared.has(what));
  const unused = [...declared.keys()].filter((what) => !losses.includes(what));
  const lines = [
    ...open.map((what) => `- ${what}`),
    ...losses.filter((what) => declared.has(what)).map((what) => `- ${what} (declared: ${declared.get(what)})`),
    ...unused.map((what) => `! ${what} is declared as lost, and is not`),
    ...gains.map((what) => `+ ${what}`),
    ...same.map((what) => `= ${what}`),
  ];
  const counts = `${plural(losses.length, 'loss', 'losses')}, ${plural(gains.length, 'gain')}, ${same.length} the same`;
  if (open.length > 0) {
    const more = open.length > 1 ? ` and ${open.length - 1} more` : '';
    return { state: 'failed', detail: `${settings.new} lacks what ${settings.old} had: ${open[0]}${more}`, lines };
  }
  if (unused.length > 0) {
    return { state: 'failed', detail: `declared as lost, and is not: ${unused.join(', ')}`, lines };
  }
  return { state: 'passed', detail: `${settings.old} -> ${settings.new}: ${counts}`, lines };
}

/** What a file of the result can do beside what the old one could. @throws BatonError `EDIT_*` for what cannot be read */
export async function compare(
  context: ResultContext,
  settings: ParitySettings,
  before: Leaf,
  after: Leaf,
): Promise<Parity> {
  if (settings.kind === 'makefile') {
    const { targets } = await whoCalls(context, context.output);
    return await makeParity(
      { tree: context.input, path: settings.old },
      { tree: context.output, path: settings.new },
      targets.get(parent(settings.new)) ?? new Set(),
      (id) => context.readBlob(id),
    );
  }
  const [old, now] = [await context.readBlob(before.id), await context.readBlob(after.id)];
  if (settings.kind === 'dockerfile') return dockerParity(old, now, (await whoCalls(context, context.output)).stages);
  return workflowParity({ path: settings.old, bytes: old }, { path: settings.new, bytes: now }, () =>
    survivors(context),
  );
}

// A file that was replaced still is there for a filter: under its name there is another one.
function* survivors({ input, output, destinationOf }: ResultContext): Generator<{ before: string; after: string }> {
  for (const { path } of walkLeaves(input)) {
    const after = destinationOf(path) ?? (isIn(output, path) ? path : undefined);
    if (after !== undefined) yield { before: path, after };
  }
}

function isIn(tree: Tree, path: string): boolean {
  return leafAt(tree, path) !== undefined;
}

function failed(detail: string): Pick<CriterionResult, 'state' | 'detail'> {
  return { state: 'failed', detail };
}
