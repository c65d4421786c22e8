import { expect, test } from 'vitest';
import { compareObservations } from '../compare/compare-observations.ts';
import { file, someScenario, stamp, wrote } from '../compare/scenario.fixture.ts';
import type { RunEnd } from '../model/observation.ts';

const scenario = someScenario();

async function explain(old: string, now: string): Promise<string | undefined> {
  const { divergences } = await compareObservations(scenario, wrote(old), wrote(now));
  return divergences.find((found) => found.explain !== undefined)?.explain;
}

const [a, b] = [stamp(1_000_001), stamp(61_000_001)];
const log = (lines: readonly string[], at: string): string => lines.map((line) => `[out]${at} ${line}`).join('');
const bad = '\xef\xbf\xbd';

test.each<[what: string, old: string, now: string, sentence: RegExp]>([
  [
    'runs of replacement characters merged',
    `[out]${a} x${bad}${bad}y\n`,
    `[out]${b} x${bad}y\n`,
    /merged 2 replacement characters into 1/,
  ],
  ['replacement per byte', `[out]${a} x${bad}y\n`, `[out]${b} x${bad}${bad}y\n`, /replaces every byte/],
  ['decoder state across chunks', `[out]${a} x${bad}${bad}y\n`, `[out]${b} x\xe2\x82\xacy\n`, /from chunk to chunk/],
  ['bytes passed through', `[out]${a} x${bad}y\n`, `[out]${b} x\xe2y\n`, /passes on bytes/],
  ['bytes dropped', `[out]${a} x${bad}y\n`, `[out]${b} xy\n`, /drops bytes/],
  ['Latin-1, invalid', `[out]${a} x${bad}y\n`, `[out]${b} x\xc3\xbfy\n`, /Latin-1/],
  ['Latin-1, valid', `[out]${a} x\xc3\xa9y\n`, `[out]${b} x\xc3\x83\xc2\xa9y\n`, /Latin-1/],
  ['byte order mark swallowed', `[out]${a} \xef\xbb\xbfx\n`, `[out]${b} x\n`, /byte order mark/],
  ['NUL dropped', `[out]${a} x\0y\n`, `[out]${b} xy\n`, /NUL/],
  ['CR LF folded', `[out]${a} x\r\n`, `[out]${b} x\n`, /folds CR LF/],
  ['CR dropped', `[out]${a} x\ry\n`, `[out]${b} xy\n`, /drops CR/],
  ['universal newlines', 'x\ry\n', 'x\ny\n', /universal newlines/],
  ['other separators', `[out]${a} x\x0by\n`, `[out]${b} x\x0b\n[out]${b} y\n`, /other separators/],
  ['U+2028', `[out]${a} x\xe2\x80\xa8y\n`, `[out]${b} x\n[out]${b} y\n`, /other separators/],
  ['dangling prefix dropped', `[out]${a} x\n[out]${a} `, `[out]${b} x\n`, /lacks the dangling prefix/],
  [
    'dangling prefix dropped in the middle',
    `[out]${a} x\n[out]${a} SUCEEDED\nz\n`,
    `[out]${b} x\nSUCEEDED\nz\n`,
    /leaves out 1 of/,
  ],
  ['prefix on empty output', '', `[out]${b} `, /although there is no output/],
  [
    'only the first newline stamped',
    log(['x\n', 'y\n', 'z\n'], a),
    `[out]${b} x\ny\nz\n`,
    /leaves out 2 of 2 prefixes/,
  ],
  ['more prefixes', `[out]${a} x\ny\n`, `[out]${b} x\n[out]${b} y\n`, /1 more prefixes/],
  [
    'line cut at 64 KiB',
    `[out]${a} ${'q'.repeat(80_001)}\n`,
    `[out]${b} ${'q'.repeat(65_536)}\n`,
    /cuts a line .* 64 KiB/,
  ],
  [
    'misspelling corrected',
    `[out]${a} SUCEEDED: a.sh\n`,
    `[out]${b} SUCCEEDED: a.sh\n`,
    /spells it SUCCEEDED, OLD SUCEEDED/,
  ],
  ['newline at the end', 'x', 'x\n', /adds a newline at the end/],
  ['no newline at the end', 'x\n', 'x', /lacks the newline/],
  ['trimmed', 'SUCEEDED: a.sh \n', 'SUCEEDED: a.sh\n', /trims blanks/],
  ['case', 'Idempotence.Auto True\n', 'Idempotence.Auto true\n', /other case/],
  ['quotes', "apply a.sh ['1']\n", 'apply a.sh ["1"]\n', /other quotes/],
  ['order', 'one\ntwo\n', 'two\none\n', /another order/],
  ['ends early', 'one\ntwo\n', 'one\n', /ends early/],
  ['goes on', 'one\n', 'one\ntwo\n', /goes on/],
  ['no crash report', 'Traceback (most recent call last):\n  x\nKeyError: y\n', 'error: y\n', /no crash report/],
  ['a crash report', 'error: y\n', 'Traceback (most recent call last):\n  x\nKeyError: y\n', /writes a crash report/],
  [
    'another crash',
    'Traceback (most recent call last):\n  x\nKeyError: y\n',
    'Traceback (most recent call last):\n  x\nOSError: y\n',
    /another error/,
  ],
])('%s', async (_, old, now, sentence) => {
  expect(await explain(old, now)).toMatch(sentence);
});

test.each<[now: string, sentence: RegExp]>([
  ['2026-11-20T18:37:44.000000', /\.000000/],
  ['2026-11-20T18:37:44.123', /milliseconds only/],
  ['2026-11-20T18:37:44.123456789', /nanoseconds/],
  ['2026-11-20T18:37:44.12', /trims or extends/],
  ['2026-11-20 18:37:44.123456', /blank/],
  ['2026-11-20T18:37:44,123456', /comma/],
  ['2026-11-20T18:37:44.123456Z', /writes a zone/],
  ['2026-13-20T18:37:44.123456', /does not exist/],
])('a stamp %s in place of isoformat()', async (now, sentence) => {
  expect(await explain('[out]2026-11-20T17:00:00.654321 x\n', `[out]${now} x\n`)).toMatch(sentence);
});

test('a zone that is written in another way, or not at all', async () => {
  const utc = '"time": "2026-11-20T17:00:00.654321+00:00"\n';
  expect(await explain(utc, '"time": "2026-11-20T17:00:01.654321Z"\n')).toMatch(/writes Z/);
  expect(await explain(utc, '"time": "2026-11-20T17:00:01.654321"\n')).toMatch(/leaves the zone out/);
  expect(await explain(utc, '"time": "2026-11-20T17:00:01.000000+00:00"\n')).toMatch(/\.000000/);
});

test.each<[old: RunEnd, now: RunEnd, sentence: RegExp | undefined]>([
  [{ kind: 'exit', code: 1 }, { kind: 'exit', code: 2 }, /exit code 2 for 1/],
  [{ kind: 'exit', code: 2 }, { kind: 'exit', code: 1 }, /exit code 1 for 2/],
  [{ kind: 'exit', code: 3 }, { kind: 'exit', code: 0 }, /calls a success/],
  [{ kind: 'exit', code: 0 }, { kind: 'exit', code: 3 }, /fails where/],
  [{ kind: 'signal', signal: 'SIGTERM' }, { kind: 'exit', code: 143 }, /turns the signal/],
  [{ kind: 'exit', code: 143 }, { kind: 'signal', signal: 'TERM' }, /dies of the signal/],
  [{ kind: 'exit', code: 3 }, { kind: 'exit', code: 4 }, undefined],
])('a run that ends otherwise: %o, %o', async (old, now, sentence) => {
  const { divergences } = await compareObservations(scenario, wrote('', { end: old }), wrote('', { end: now }));
  expect(divergences).toHaveLength(1);
  if (sentence === undefined) expect(divergences[0]?.explain).toBeUndefined();
  else expect(divergences[0]?.explain).toMatch(sentence);
});

test.each([
  ['0644', '0666', /without umask 0022/],
  ['0666', '0644', /with umask 0022 taken off/],
  ['0644', '0600', /private file/],
  ['0644', '0755', /executable/],
  ['0711', '0640', /loses the permission/],
])('mode %s for %s', async (old, now, sentence) => {
  const [one, other] = [old, now].map((mode) => wrote('', {}, [file('/flag', '', { mode })]));
  const { divergences } = await compareObservations(scenario, one ?? wrote(''), other ?? wrote(''));
  expect(divergences).toMatchObject([
    { kind: 'mode', channel: 'host:/flag', explain: expect.stringMatching(sentence) },
  ]);
});

test('a process that is left behind', async () => {
  const { divergences } = await compareObservations(scenario, wrote(''), { ...wrote(''), leftovers: ['12 sleep'] });
  expect(divergences).toMatchObject([{ kind: 'stray-process', explain: expect.stringContaining('outlives') }]);
});

test('what nobody knows stays unexplained', async () => {
  expect(await explain('one thing\n', 'quite another 7\n')).toBeUndefined();
});
