import fc from 'fast-check';
import type { FeedStep, FixtureEntry, Scenario, TokenRule } from '../model/scenario.ts';

const name = fc.stringMatching(/^[a-z0-9][a-z0-9.-]{0,8}$/);
// Everything that YAML, terminals and editors treat apart.
const oddText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 30 }),
  fc.string({ unit: 'grapheme', maxLength: 30 }),
  fc.string({
    unit: fc.constantFrom(' ', '\n', '\t', '\r', ':', '#', '-', "'", '"', '\\', '|', '>', '%', '@', 'a', '{', ','),
    maxLength: 40,
  }),
  fc.constantFrom(
    '',
    'true',
    'null',
    '~',
    '0644',
    '1e3',
    '0x10',
    '!hex 41',
    '- a',
    '---',
    '...',
    '<<',
    '\u0085',
    '\u2028',
    '\ufeff',
    '\u202e',
    '\u{1f600}',
    '\u00a0x',
    'a\n\n',
    '\n',
    ' a\nb',
    'a \nb',
    '*a',
    '&a',
    '2026-01-01',
    '1_000',
    '.5',
    'NaN',
    '=',
    'y',
    '\ufffe',
  ),
);
const text = oddText.map((value) => value.toWellFormed().replaceAll('\0', ''));
const anyBytes = fc.oneof(
  fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
  oddText.map((value) => Buffer.from(value)),
  fc.constant(Buffer.alloc(5000, 0xff)),
);
const withoutNul = anyBytes.map((bytes) => Buffer.from(bytes.filter((byte) => byte !== 0)));
const path = fc
  .array(
    text.filter((part) => part !== '..' && !part.includes('/')),
    { maxLength: 4 },
  )
  .map((parts) => `/${parts.join('/')}`);
const mode = fc.stringMatching(/^[0-7]{3,4}$/);
const seconds = fc.double({ min: 0, max: 3600, noNaN: true }).map((value) => (value === 0 ? 0 : value));
const env = fc
  .uniqueArray(
    fc.tuple(
      fc
        .oneof(fc.stringMatching(/^[A-Z_]{1,6}$/), text)
        .filter((key) => /^(?!\d+$)[^=*]+$/.test(key) && key !== '__proto__'),
      withoutNul,
    ),
    { selector: ([key]) => key, maxLength: 5 },
  )
  .map((pairs) => pairs.map(([key, value]) => ({ name: key, value })));

const generated = fc.oneof(
  fc.record({ kind: fc.constant('repeat' as const), unit: text, count: fc.nat() }),
  fc.record({ kind: fc.constant('repeat' as const), unit: text, count: fc.nat(), tail: text }),
  fc.record({ kind: fc.constant('numbered-lines' as const), format: fc.constant('line %08d\n'), count: fc.nat() }),
);
const entry: fc.Arbitrary<FixtureEntry> = fc.oneof(
  fc.record(
    { path, type: fc.constant('file' as const), contents: fc.oneof(anyBytes, generated), mode, mtime: fc.integer() },
    { requiredKeys: ['path', 'type', 'contents'] },
  ),
  fc.record({ path, type: fc.constant('dir' as const), mode, mtime: seconds }, { requiredKeys: ['path', 'type'] }),
  fc.record({ path, type: fc.constant('symlink' as const), target: text }),
  fc.record({ path, type: fc.constant('delete' as const) }),
);
const signal = fc.constantFrom('TERM', 'INT', 'KILL', 'HUP', 'USR1');
const step: fc.Arbitrary<FeedStep> = fc.oneof(
  fc.record({ kind: fc.constant('write' as const), fd: fc.constantFrom(1 as const, 2 as const), bytes: anyBytes }),
  fc.constant({ kind: 'idle' as const }),
  fc.record({ kind: fc.constant('sleep' as const), seconds }),
  fc.record({ kind: fc.constant('close' as const), fd: fc.constantFrom(1 as const, 2 as const) }),
  fc.record({
    kind: fc.constant('signal' as const),
    signal,
    to: fc.constantFrom('self' as const, 'launcher' as const),
  }),
  fc.record({ kind: fc.constant('child' as const), seconds }),
  fc.record({ kind: fc.constant('exit' as const), code: fc.integer({ min: 0, max: 255 }) }),
);
const scope = {
  at: fc.constantFrom('run1/stdout', 'run*/stderr', 'host:/etc/x', 'leftovers'),
  mustHit: fc.integer({ min: 0, max: 3 }),
  atMost: fc.integer({ min: 3, max: 9 }),
};
const token: fc.Arbitrary<TokenRule> = fc.oneof(
  fc.record(
    { use: fc.constantFrom('log-stamp' as const, 'epoch' as const, 'pid' as const), ...scope },
    { requiredKeys: ['use'] },
  ),
  fc.record(
    {
      use: fc.constantFrom('iso-local' as const, 'iso-utc' as const),
      groups: fc.constantFrom('equal' as const, 'free' as const),
      ...scope,
    },
    { requiredKeys: ['use'] },
  ),
  fc.record(
    {
      use: fc.constant('pattern' as const),
      name: fc.stringMatching(/^[a-z][a-z0-9-]{0,5}$/),
      pattern: fc.constantFrom('^took (\\d+) ms$', '(?<=id=)[0-9a-f]{8}'),
      validator: fc.oneof(
        fc.constantFrom({ kind: 'same' as const }, { kind: 'rising' as const }),
        fc.record({ kind: fc.constant('number' as const), min: fc.integer({ max: 0 }), max: fc.nat() }),
      ),
      ...scope,
    },
    { requiredKeys: ['use', 'name', 'pattern', 'validator'] },
  ),
);

/** Every scenario that the form allows, small. */
export const anyScenario: fc.Arbitrary<Scenario> = fc.record({
  id: fc.array(name, { minLength: 1, maxLength: 3 }).map((parts) => parts.join('/')),
  why: text.filter((value) => value !== ''),
  tags: fc.array(name, { maxLength: 3 }),
  env,
  cwd: path,
  umask: mode,
  root: fc.record({
    mount: path,
    base: fc.constantFrom('busybox' as const, 'none' as const),
    remove: fc.array(fc.stringMatching(/^[a-z[]{1,5}$/), { maxLength: 2 }),
  }),
  host: fc.array(entry, { maxLength: 4 }),
  container: fc.array(entry, { maxLength: 2 }),
  feeders: fc.array(fc.record({ path, mode, steps: fc.array(step, { maxLength: 4 }) }), { maxLength: 2 }),
  runs: fc.array(
    fc.record({
      argv: fc.array(withoutNul, { maxLength: 4 }),
      env,
      before: fc.array(entry, { maxLength: 2 }),
      actions: fc.array(
        fc.record({
          waitFor: path,
          delay: seconds,
          signal,
          to: fc.constantFrom('subject' as const, 'launcher' as const, 'group' as const),
        }),
        { maxLength: 2 },
      ),
    }),
    { minLength: 1, maxLength: 3 },
  ),
  clock: fc.oneof(
    fc.constant({ kind: 'real' as const }),
    fc.constantFrom('2026-01-02 03:04:05', '2026-01-02 03:04:05.5').map((time) => ({ kind: 'frozen' as const, time })),
  ),
  streams: fc.constantFrom('apart' as const, 'merged' as const),
  observe: fc.record({
    host: fc.boolean(),
    container: fc.boolean(),
    modes: fc.boolean(),
    leftovers: fc.constantFrom('none' as const, 'any' as const),
  }),
  tokens: fc.array(token, { maxLength: 4 }),
  crash: fc.constantFrom('strict' as const, 'typed' as const, 'present' as const),
  diverge: fc.array(
    fc.record(
      {
        channel: fc.constantFrom('run1/stdout', 'host:/var/log/*.log', 'container:/dev*', 'leftovers'),
        kind: fc.constantFrom('bytes' as const, 'missing-file' as const),
        reason: text.filter((value) => value !== ''),
        until: fc.constantFrom('2027-02-28', '2028-02-29'),
        maxBytes: fc.nat(),
      },
      { requiredKeys: ['channel', 'reason', 'until', 'maxBytes'] },
    ),
    { maxLength: 2 },
  ),
  timing: fc.constantFrom('shared' as const, 'alone' as const),
  timeout: fc.integer({ min: 1, max: 3600 }),
  expectSilent: fc.boolean(),
});
