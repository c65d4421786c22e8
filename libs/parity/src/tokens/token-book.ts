import { BatonError } from '@baton/kernel';
import type { PatternRule, TokenKind } from '../model/scenario.ts';
import type { LedgerRow } from '../model/verdict.ts';
import { GroupTable } from './group-table.ts';
import { NameTable } from './name-table.ts';

/** Bytes of one line that patterns may hide. */
export const LINE_BUDGET = 64;
/** Share of a stream that they may hide, once it is more than {@link LINE_BUDGET} bytes. */
export const STREAM_BUDGET = 0.2;

/**
 * What the tokens of one scenario have in common over all its channels: which stamps and names belong together, and what was hidden where.
 *
 * Budgets hold for patterns alone. Tokens of the kinds with a validator of their own are exempt: every byte of a stamp is checked for
 * format, range, order, window and group, so that it is compared and not hidden; and a log of short lines is mostly stamps, as
 * `[out]2026-05-02T21:51:23.456789 ok` is for four fifths.
 */
export class TokenBook {
  readonly scenario: string;
  readonly groups = { local: new GroupTable(), utc: new GroupTable(), log: new GroupTable() };
  readonly channels: string[] = [];
  readonly refusals: BatonError[] = [];
  readonly #names = new Map<string, NameTable>();
  readonly #ledger = new Map<string, LedgerRow>();
  readonly #homes = new Map<string, string>();
  readonly #refused = new Set<string>();

  constructor(scenario: string) {
    this.scenario = scenario;
  }

  /** Number of a channel, for the tables. */
  indexOf(channel: string): number {
    const known = this.channels.indexOf(channel);
    return known === -1 ? this.channels.push(channel) - 1 : known;
  }

  /** The names that a rule has met. */
  namesOf(rule: string): NameTable {
    const table = this.#names.get(rule) ?? new NameTable();
    this.#names.set(rule, table);
    return table;
  }

  /** Enters what was hidden. */
  enter(kind: TokenKind | 'pattern', channel: string, hits: number, bytes: number, name?: string): void {
    if (hits === 0) return;
    const key = `${kind} ${name ?? ''} ${channel}`;
    const row = this.#ledger.get(key) ?? { kind, ...(name !== undefined && { name }), channel, hits: 0, bytes: 0 };
    this.#ledger.set(key, { ...row, hits: row.hits + hits, bytes: row.bytes + bytes });
  }

  /** The ledger, in the order in which things were met. */
  ledger(): LedgerRow[] {
    return [...this.#ledger.values()];
  }

  /** A pattern's text met in a channel: one that is met in two channels is only followed by `same`. */
  meet(rule: PatternRule, text: string, channel: string): void {
    if (rule.validator.kind === 'same') return;
    const key = `${rule.name} ${text}`;
    const home = this.#homes.get(key);
    if (home === undefined && this.#homes.size < 65_536) this.#homes.set(key, channel);
    if (home === undefined || home === channel) return;
    this.refuse(
      `${rule.name} crosses`,
      'TOKEN_CROSSES',
      `token rule "${rule.name}" hides the same text in ${home} and in ${channel}`,
      {
        hint: 'Give it the validator same, which follows a text over channels, or an `at` that names one channel.',
      },
    );
  }

  /** Refuses what a rule did, once for each `key`. */
  refuse(key: string, code: BatonError['code'], message: string, { hint }: { hint: string }): void {
    if (this.#refused.has(key)) return;
    this.#refused.add(key);
    this.refusals.push(new BatonError(code, `${message} (scenario ${this.scenario})`, { hint }));
  }
}
