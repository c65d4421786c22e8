import type { TreeRow } from '../model/observation.ts';
import type { Scenario } from '../model/scenario.ts';
import type { Divergence } from '../model/verdict.ts';
import { type LineToken, tokensOf } from '../tokens/line-tokens.ts';
import type { TokenBook } from '../tokens/token-book.ts';
import { rulesFor } from '../tokens/token-rules.ts';
import type { SideWindows } from './channel-context.ts';
import { iso } from './stamp-findings.ts';

/** Holds the tokens in the names of two matched rows to their rules: stamps lie within the runs, temporary names stay the same ones. */
export function checkRowName(
  channel: string,
  old: TreeRow,
  now: TreeRow,
  scenario: Scenario,
  windows: { old: SideWindows; now: SideWindows },
  book: TokenBook,
): Divergence[] {
  if (old.path === now.path || old.change !== undefined) return [];
  const rules = { ...rulesFor(scenario, channel), patterns: [] };
  const tokensIn = ({ path }: TreeRow): readonly LineToken[] =>
    tokensOf(Buffer.from(path).toString('latin1'), rules, false).tokens.filter(
      ({ kind }) => kind === 'log-stamp' || kind === 'temp-name',
    );
  const news = tokensIn(now);
  return tokensIn(old).flatMap((token, i): Divergence[] => {
    const other = news[i];
    if (other === undefined || other.text === token.text) return [];
    const bytes = other.text.length;
    book.enter(token.kind, channel, 1, bytes);
    if (token.kind === 'temp-name') {
      const contradiction = book.namesOf('temp-name').note(token.text, other.text, channel);
      const message = `${channel}: ${token.text} is ${other.text} here, but ${contradiction}`;
      return contradiction === undefined ? [] : [{ channel, kind: 'token-group', message, bytes }];
    }
    return [
      ...outside(channel, 'OLD', token, windows.old, bytes),
      ...outside(channel, 'NEW', other, windows.now, bytes),
    ];
  });
}

function outside(
  channel: string,
  side: string,
  { text, micros }: LineToken,
  { utc }: SideWindows,
  bytes: number,
): Divergence[] {
  if (utc === undefined) return [];
  const from = Math.floor(utc.from / 1_000_000) * 1_000_000;
  if (micros >= from && micros <= utc.to) return [];
  const message = `${channel}: ${text} in ${side}'s name is not within the runs (${iso(from)} to ${iso(Math.round(utc.to))}, UTC, one second of slack included)`;
  return [{ channel, kind: 'token-window', message, bytes }];
}
