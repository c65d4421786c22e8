import { type ErrorCode, formatBytes, plural } from '@baton/kernel';
import type { DeclaredDivergence } from '../model/scenario.ts';
import type { Divergence, Fault } from '../model/verdict.ts';
import { channelMatches } from '../tokens/channel-pattern.ts';

/** What is left of a comparison when the declared divergences are taken out. */
export interface Applied {
  /** Those that no declaration covers. */
  divergences: Divergence[];
  /** Declarations that were found, each with what it covers. */
  declared: { declaration: DeclaredDivergence; divergences: Divergence[] }[];
  /** Declarations that fail by themselves: past their date, not found, or larger than they may be. */
  refusals: Fault[];
}

/**
 * Takes the declared divergences out of what a comparison found. A divergence goes to the first declaration that covers its channel
 * and kind.
 *
 * A declaration that nothing needed is refused, because it would hide the next difference; so is one that holds more differing bytes
 * than it says, and one whose last day is over.
 *
 * @param today `YYYY-MM-DD`
 */
export function applyDeclarations(
  declarations: readonly DeclaredDivergence[],
  found: readonly Divergence[],
  today: string,
): Applied {
  const covered = declarations.map((declaration) => ({ declaration, divergences: [] as Divergence[] }));
  const divergences: Divergence[] = [];
  for (const divergence of found) {
    const home = covered.find(({ declaration }) => covers(declaration, divergence));
    (home?.divergences ?? divergences).push(divergence);
  }
  return {
    divergences,
    declared: covered.filter((one) => one.divergences.length > 0),
    refusals: covered.flatMap((one) => refusalsOf(one.declaration, one.divergences, today)),
  };
}

function covers({ channel, kind }: DeclaredDivergence, divergence: Divergence): boolean {
  return channelMatches(channel, divergence.channel) && (kind === undefined || kind === divergence.kind);
}

function refusalsOf(declaration: DeclaredDivergence, found: readonly Divergence[], today: string): Fault[] {
  const { channel, until, maxBytes, reason } = declaration;
  const what = `the declared divergence in ${channel}`;
  const refusals: Fault[] = [];
  const refuse = (code: ErrorCode, message: string, hint: string): void => void refusals.push({ code, message, hint });
  // Dates of this form are in order when their texts are.
  if (today > until) {
    refuse(
      'DIVERGENCE_EXPIRED',
      `${what} was allowed until ${until}, and today is ${today}; its reason was: ${reason}`,
      'Make NEW do what OLD does, or decide again: a later date in "until" is a decision that somebody reviews.',
    );
  }
  if (found.length === 0) {
    const kind = declaration.kind === undefined ? '' : ` of the kind ${declaration.kind}`;
    refuse(
      'DIVERGENCE_UNUSED',
      `${what} was expected, and no divergence${kind} was found there`,
      'Take the declaration out of the scenario: it would hide the next difference.',
    );
  }
  const bytes = found.reduce((sum, divergence) => sum + divergence.bytes, 0);
  if (bytes > maxBytes) {
    refuse(
      'DIVERGENCE_TOO_LARGE',
      `${what} may hold ${formatBytes(maxBytes)}, and ${plural(found.length, 'divergence')} with ${formatBytes(bytes)} were found`,
      'More differs than was looked at when it was declared. "baton parity show" shows all of it.',
    );
  }
  return refusals;
}
