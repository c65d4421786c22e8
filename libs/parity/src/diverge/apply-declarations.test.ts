import { expect, test } from 'vitest';
import type { DeclaredDivergence } from '../model/scenario.ts';
import type { Divergence } from '../model/verdict.ts';
import { applyDeclarations } from './apply-declarations.ts';

const declared = (more: Partial<DeclaredDivergence> = {}): DeclaredDivergence => ({
  channel: 'run1/stderr',
  reason: 'an interpreter crashes in its own words',
  until: '2027-01-01',
  maxBytes: 100,
  ...more,
});
const found = (channel: string, more: Partial<Divergence> = {}): Divergence => ({
  channel,
  kind: 'bytes',
  message: `${channel} differs`,
  bytes: 10,
  ...more,
});
const TODAY = '2026-11-21';
const codes = (result: ReturnType<typeof applyDeclarations>): string[] => result.refusals.map(({ code }) => code);

test('what is declared is taken out, and the rest stays', () => {
  const result = applyDeclarations([declared()], [found('run1/stderr'), found('run1/stdout')], TODAY);
  expect(result.divergences.map(({ channel }) => channel)).toEqual(['run1/stdout']);
  expect(result.declared).toMatchObject([{ divergences: [{ channel: 'run1/stderr' }] }]);
  expect(result.refusals).toEqual([]);
});

test('a pattern covers channels, and a kind narrows it', () => {
  const pattern = declared({ channel: 'host:/var/log/*.err', kind: 'bytes' });
  const result = applyDeclarations(
    [pattern],
    [found('host:/var/log/a/b.err'), found('host:/var/log/a.err', { kind: 'mode' }), found('host:/var/log/a.log')],
    TODAY,
  );
  expect(result.divergences.map(({ channel, kind }) => `${channel} ${kind}`)).toEqual([
    'host:/var/log/a.err mode',
    'host:/var/log/a.log bytes',
  ]);
  expect(result.declared[0]?.divergences).toHaveLength(1);
});

test('the last day counts, and the day after is refused with date and reason', () => {
  expect(codes(applyDeclarations([declared({ until: TODAY })], [found('run1/stderr')], TODAY))).toEqual([]);
  const late = applyDeclarations([declared({ until: '2026-11-20' })], [found('run1/stderr')], TODAY);
  expect(codes(late)).toEqual(['DIVERGENCE_EXPIRED']);
  expect(late.refusals[0]?.message).toContain('until 2026-11-20, and today is 2026-11-21');
  expect(late.refusals[0]?.message).toContain('an interpreter crashes in its own words');
});

test('a declaration that nothing needed is refused', () => {
  expect(codes(applyDeclarations([declared()], [], TODAY))).toEqual(['DIVERGENCE_UNUSED']);
  expect(codes(applyDeclarations([declared({ kind: 'mode' })], [found('run1/stderr')], TODAY))).toEqual([
    'DIVERGENCE_UNUSED',
  ]);
  // The second of two that say the same covers nothing.
  expect(codes(applyDeclarations([declared(), declared()], [found('run1/stderr')], TODAY))).toEqual([
    'DIVERGENCE_UNUSED',
  ]);
});

test('all that it covers counts against its bytes', () => {
  const two = [found('run1/stderr', { bytes: 50 }), found('run1/stderr', { bytes: 51 })];
  expect(codes(applyDeclarations([declared({ maxBytes: 101 })], two, TODAY))).toEqual([]);
  const over = applyDeclarations([declared()], two, TODAY);
  expect(codes(over)).toEqual(['DIVERGENCE_TOO_LARGE']);
  expect(over.refusals[0]?.message).toBe(
    'the declared divergence in run1/stderr may hold 100 B, and 2 divergences with 101 B were found',
  );
});
