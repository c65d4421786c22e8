import type { Content, Observation, RunObservation, TreeRow } from '../model/observation.ts';
import type { Scenario, TokenRule } from '../model/scenario.ts';
import { plainScenario } from '../model/test-scenario.ts';

/** All kinds of tokens. */
export const ALL_TOKENS: readonly TokenRule[] = [
  { use: 'iso-local' },
  { use: 'iso-utc' },
  { use: 'log-stamp' },
  { use: 'epoch' },
  { use: 'temp-name' },
  { use: 'pid' },
  { use: 'crash-report' },
];

/** A scenario of one run, with all kinds of tokens. */
export function someScenario(changes: Partial<Scenario> = {}): Scenario {
  return plainScenario({ env: [{ name: 'TZ', value: Buffer.from('UTC') }], tokens: ALL_TOKENS, ...changes });
}

/** Bytes of a channel; a text stands for one byte a character. */
export function bytes(text: string | Buffer): Content {
  return { kind: 'bytes', bytes: typeof text === 'string' ? Buffer.from(text, 'latin1') : text };
}

/** An observation of one run that wrote a text to stdout. */
export function wrote(
  stdout: string | Buffer,
  changes: Partial<RunObservation> = {},
  rows: readonly TreeRow[] = [],
): Observation {
  return {
    scenario: 'test/some',
    tier: 'T2',
    runs: [{ end: { kind: 'exit', code: 0 }, stdout: bytes(stdout), milliseconds: 1, ...changes }],
    host: { rows, deleted: [] },
    container: { rows: [], deleted: [] },
    leftovers: [],
  };
}

/** A file in a tree. */
export function file(path: string, contents: string | Buffer, changes: Partial<TreeRow> = {}): TreeRow {
  return { path, type: 'file', mode: '0644', contents: bytes(contents), ...changes };
}

/** A stamp, some microseconds after a moment of no meaning. */
export function stamp(micros: number): string {
  const at = 1_795_000_000_000_000 + micros;
  const fraction = at % 1_000_000;
  const text = new Date(Math.floor(at / 1_000_000) * 1000).toISOString().slice(0, 19);
  return fraction === 0 ? text : `${text}.${String(fraction).padStart(6, '0')}`;
}

/** The microseconds since 1970 of {@link stamp}. */
export function momentOf(micros: number): number {
  return 1_795_000_000_000_000 + micros;
}
