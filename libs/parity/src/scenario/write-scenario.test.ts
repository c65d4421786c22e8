import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { temporaryDirectory } from '@baton/testkit';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Scenario } from '../model/scenario.ts';
import { loadScenario, parseScenario, parseSuite } from './load-scenario.ts';
import { plainEntry } from './read-fixture.ts';
import { type SuiteDefaults, scenarioOfForm } from './scenario-of-form.ts';
import { anyScenario } from './test-scenarios.ts';
import { writeScenario, writeSuite } from './write-scenario.ts';

const HIDDEN = /[[\p{C}\p{Z}]--[ \n]]/v;
const read = (text: string, suite: SuiteDefaults = {}): Scenario =>
  scenarioOfForm(parseScenario(Buffer.from(text), 'x'), suite, (entry) => [plainEntry(entry)]);
const suiteOf = (text: string): SuiteDefaults => {
  const { apiVersion: _, ...suite } = parseSuite(Buffer.from(`apiVersion: parity/v1\n${text}`), 'suite.yaml');
  return suite;
};
const SMALLEST: Scenario = read('{ apiVersion: parity/v1, id: a/b, why: It runs., runs: [ { argv: [] } ] }');

describe('a scenario that was written', () => {
  test('is the same when it is read, whatever is in it', () => {
    fc.assert(
      fc.property(anyScenario, (scenario) => {
        expect(read(writeScenario(scenario))).toEqual(scenario);
      }),
      { numRuns: 200 },
    );
  });

  test('is the same on top of any suite', () => {
    const suites = [
      'env: { A: x, PATH: /bin, B: "" }\ntokens: [ epoch, { use: iso-local, groups: free } ]\ncrash: typed\n',
      'root: { mount: /r, base: none }\nobserve: { modes: false }\nclock: 2026-01-02 03:04:05\ntimeout: 5\ntags: [ a ]\n',
      'cwd: /w\numask: "077"\nstreams: merged\ntiming: alone\nenv: { Z: z }\n',
    ].map(suiteOf);
    fc.assert(
      fc.property(anyScenario, fc.constantFrom(...suites), (scenario, suite) => {
        expect(read(writeScenario(scenario, suite), suite)).toEqual(scenario);
      }),
      { numRuns: 100 },
    );
  });

  test('shows everything that is in it: nothing hidden, nothing folded', () => {
    fc.assert(
      fc.property(anyScenario, (scenario) => {
        // A tab may stand in a block, where every editor shows it.
        const text = writeScenario(scenario);
        expect(text.replaceAll('\t', '')).not.toMatch(HIDDEN);
        expect(text).not.toMatch(/[ \t]$/m);
      }),
      { numRuns: 100 },
    );
  });

  test('through a file as well', async () => {
    const root = temporaryDirectory('write-scenario');
    const [scenario] = fc.sample(anyScenario, 1);
    if (scenario === undefined) throw new Error('no sample');
    const path = join(root, `${scenario.id}.yaml`);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, writeScenario(scenario));
    expect(await loadScenario(path)).toEqual(scenario);
  });

  test('is readable: scripts as blocks, small things on a line, keys in order, nothing that goes without saying', () => {
    const scenario: Scenario = {
      ...SMALLEST,
      id: 'stream/split',
      why: 'decoding is per chunk: two marks',
      host: [
        { path: '/pkg/a.sh', type: 'file', mode: '0755', contents: Buffer.from('#!/bin/sh\necho "hi"\n') },
        { path: '/pkg/x', type: 'file', contents: Buffer.from([0xff, 0x41]) },
        { path: '/pkg/y', type: 'file', contents: Buffer.from('a\r\nb\u200b') },
        { path: '/etc', type: 'dir', mode: '0711' },
        { path: '/gone', type: 'delete' },
      ],
      feeders: [
        {
          path: '/pkg/step',
          mode: '0755',
          steps: [
            { kind: 'write', fd: 1, bytes: Buffer.from([0xe2, 0x82]) },
            { kind: 'idle' },
            { kind: 'signal', signal: 'TERM', to: 'self' },
            { kind: 'exit', code: 0 },
          ],
        },
      ],
      runs: [{ argv: [Buffer.from('apply'), Buffer.from('{root}')], env: [], before: [], actions: [] }],
    };
    expect(writeScenario(scenario)).toBe(`apiVersion: parity/v1
id: stream/split
why: "decoding is per chunk: two marks"
host:
  - path: /pkg/a.sh
    mode: "0755"
    contents: |
      #!/bin/sh
      echo "hi"
  - { path: /pkg/x, contents: !hex ff 41 }
  - { path: /pkg/y, contents: "a\\r\\nb\\u200b" }
  - { path: /etc, type: dir, mode: "0711" }
  - { path: /gone, type: delete }
feeders:
  - path: /pkg/step
    steps:
      - { out: !hex e2 82 }
      - idle
      - signal: { name: TERM, to: self }
      - { exit: 0 }
runs:
  - argv: [ apply, "{root}" ]
`);
  });

  test('says what it has not of its suite', () => {
    const suite = suiteOf('env: { A: "1", B: "2", C: "3" }\n');
    const env = (pairs: string[]): Scenario => ({
      ...SMALLEST,
      env: pairs.map((pair) => ({ name: pair.slice(0, 1), value: Buffer.from(pair.slice(1)) })),
    });
    const written = (pairs: string[]): string[] =>
      writeScenario(env(pairs), suite)
        .split('\n')
        .filter((line) => /^(env:| {2}("\*"|\w+):)/.test(line));
    expect(written(['A1', 'B2', 'C3'])).toEqual([]);
    expect(written(['A1', 'B9', 'C3', 'D4'])).toEqual(['env: { B: "9", D: "4" }']);
    expect(written(['A1', 'C3'])).toEqual(['env: { B: !unset "" }']);
    expect(written(['C3', 'A1'])).toEqual(['env: { "*": !unset "", C: "3", A: "1" }']);
    expect(written([])).toEqual(['env: { A: !unset "", B: !unset "", C: !unset "" }']);
  });
});

describe('what cannot be written', () => {
  test.each<[string, Partial<Scenario>, string, RegExp]>([
    ['no run', { runs: [] }, 'SCENARIO_INVALID', /runs: expected at least one item/],
    [
      'a wrong path',
      { host: [{ path: '/a/../../x', type: 'dir' }] },
      'SCENARIO_INVALID',
      /an absolute path without ".."/,
    ],
    [
      'a variable twice',
      { env: ['1', '2'].map((value) => ({ name: 'A', value: Buffer.from(value) })) },
      'SCENARIO_INVALID',
      /a\/b: env cannot be written as YAML without a loss/,
    ],
    ['a NUL in a variable', { env: [{ name: 'A', value: Buffer.from('a\0b') }] }, 'SCENARIO_INVALID', /without NUL/],
  ])('%s is an error, and no file', (_, part, code, message) => {
    expect(() => writeScenario({ ...SMALLEST, ...part })).toThrow(
      expect.objectContaining({ code, message: expect.stringMatching(message) }),
    );
  });
});

test('a suite is written as it is read', () => {
  const text =
    'apiVersion: parity/v1\nenv: { A: !hex ff }\nroot: { base: none }\ntokens:\n  - { use: iso-local, groups: free }\n  - pid\ncrash: typed\n';
  expect(writeSuite(suiteOf(text.slice('apiVersion: parity/v1\n'.length)))).toBe(text);
});
