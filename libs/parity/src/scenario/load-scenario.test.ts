import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { BatonError } from '@baton/kernel';
import { temporaryDirectory } from '@baton/testkit';
import { describe, expect, test } from 'vitest';
import { loadScenario, parseScenario } from './load-scenario.ts';

const folder = (files: Record<string, string>): string => {
  const root = temporaryDirectory('scenarios');
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), text);
  }
  return root;
};
const small = (more: string, id = 'a/b'): string =>
  `apiVersion: parity/v1\nid: ${id}\nwhy: It runs.\nruns:\n  - argv: [ apply, "{root}" ]\n${more}`;

/** The problems of a text, as `line:column message | hint`, with the code of the first. */
const problems = (text: string): string[] => {
  try {
    parseScenario(Buffer.from(text), 'x.yaml');
    return [];
  } catch (error) {
    if (!(error instanceof BatonError)) throw error;
    const list = error.details.problems as { line: number; column: number; message: string; hint?: string }[];
    return [
      error.code,
      ...list.map(
        ({ line, column, message, hint }) => `${line}:${column} ${message}${hint === undefined ? '' : ` | ${hint}`}`,
      ),
    ];
  }
};

describe('a scenario', () => {
  test('has every form of bytes, and the file of a fixture', async () => {
    const root = folder({
      'a/b.yaml': small(`env: { A: text, B: !hex fffe }
host:
  - { path: /t, contents: "a\\0b" }
  - { path: /h, contents: !hex 41 FF }
  - { path: /b, contents: !base64 "Qf8=" }
  - path: /l
    contents: !base64 |
      Qf9B
      Qf8=
  - { path: /f, file: fixtures/payload.bin, mode: "0600" }
  - { path: /r, generate: { repeat: ab, count: 3, tail: c } }
  - { path: /n, generate: { lines: "line %04d\\n", count: 2 } }
`),
      'fixtures/payload.bin': 'from the file',
    });
    const { env, host } = await loadScenario(join(root, 'a/b.yaml'));
    expect(env).toEqual([
      { name: 'A', value: Buffer.from('text') },
      { name: 'B', value: Buffer.from([0xff, 0xfe]) },
    ]);
    expect(host).toEqual([
      { path: '/t', type: 'file', contents: Buffer.from('a\0b') },
      { path: '/h', type: 'file', contents: Buffer.from([0x41, 0xff]) },
      { path: '/b', type: 'file', contents: Buffer.from([0x41, 0xff]) },
      { path: '/l', type: 'file', contents: Buffer.from('Qf9BQf8=', 'base64') },
      { path: '/f', type: 'file', mode: '0600', contents: Buffer.from('from the file') },
      { path: '/r', type: 'file', contents: { kind: 'repeat', unit: 'ab', count: 3, tail: 'c' } },
      { path: '/n', type: 'file', contents: { kind: 'numbered-lines', format: 'line %04d\n', count: 2 } },
    ]);
  });

  test('lays out a tree that several share, with the modes that git knows', async () => {
    const root = folder({
      'a/b.yaml': small('host:\n  - { path: /pkg, tree: fixtures/one-step }\n'),
      'fixtures/one-step/config.json': '{}',
      'fixtures/one-step/bin/a.sh': '#!/bin/sh\n',
    });
    chmodSync(join(root, 'fixtures/one-step/bin/a.sh'), 0o700);
    chmodSync(join(root, 'fixtures/one-step/config.json'), 0o600);
    symlinkSync('config.json', join(root, 'fixtures/one-step/link'));
    expect((await loadScenario(join(root, 'a/b.yaml'))).host).toEqual([
      { path: '/pkg/bin', type: 'dir' },
      { path: '/pkg/bin/a.sh', type: 'file', mode: '0755', contents: Buffer.from('#!/bin/sh\n') },
      { path: '/pkg/config.json', type: 'file', mode: '0644', contents: Buffer.from('{}') },
      { path: '/pkg/link', type: 'symlink', target: 'config.json' },
    ]);
  });

  test('takes what its suite says, and says otherwise where it wants to', async () => {
    const root = folder({
      'suite.yaml': `apiVersion: parity/v1
env: { PATH: /bin, TZ: UTC, HOME: / }
root: { mount: /root, base: none }
observe: { modes: false, leftovers: any }
tokens: [ iso-local ]
crash: typed
timeout: 5
`,
      'a/b.yaml': small(
        'env: { TZ: CET, HOME: !unset , NEW: x }\nroot: { base: busybox }\nobserve: { modes: true }\ntokens: []\n',
      ),
      'plain.yaml': small('', 'plain'),
    });
    const scenario = await loadScenario(join(root, 'a/b.yaml'));
    expect(scenario.env.map(({ name, value }) => `${name}=${value}`)).toEqual(['PATH=/bin', 'TZ=CET', 'NEW=x']);
    expect(scenario).toMatchObject({
      root: { mount: '/root', base: 'busybox', remove: [] },
      observe: { host: true, container: true, modes: true, leftovers: 'any' },
      tokens: [],
      crash: 'typed',
      timeout: 5,
    });
    expect(await loadScenario(join(root, 'plain.yaml'))).toMatchObject({
      tokens: [{ use: 'iso-local' }],
      env: [{ name: 'PATH' }, { name: 'TZ' }, { name: 'HOME' }],
    });
  });

  test('has defaults without a suite', async () => {
    const root = folder({ 'a/b.yaml': small('') });
    expect(await loadScenario(join(root, 'a/b.yaml'))).toEqual({
      id: 'a/b',
      why: 'It runs.',
      tags: [],
      env: [],
      cwd: '/',
      umask: '0022',
      root: { mount: '/t/root', base: 'busybox', remove: [] },
      host: [],
      container: [],
      feeders: [],
      runs: [{ argv: [Buffer.from('apply'), Buffer.from('{root}')], env: [], before: [], actions: [] }],
      clock: { kind: 'real' },
      streams: 'apart',
      observe: { host: true, container: true, modes: true, leftovers: 'none' },
      tokens: [],
      crash: 'strict',
      diverge: [],
      timing: 'shared',
      timeout: 60,
      expectSilent: false,
    });
  });
});

describe('what is wrong is told with its place', () => {
  test.each<[string, unknown[]]>([
    ['', ['SCENARIO_INVALID', '1:1 the file is empty | A scenario has at least apiVersion, id, why and runs.']],
    ['a: [\n', ['SCENARIO_INVALID', expect.stringMatching(/^\d:\d not valid YAML/)]],
    [
      small('hots: []\nenv: { A: 1, "2": x }\nunknown: 1\n'),
      [
        'SCENARIO_INVALID',
        expect.stringMatching(/^6:1 unknown key "hots", did you mean "host"\? \| Known keys: apiVersion, id, why/),
        '7:11 env.A: expected text, or bytes after !hex or !base64, found the number 1 | Quote it: "1".',
        '7:14 env: expected the name of a variable, or "*", found the key "2"',
        expect.stringMatching(/^8:1 unknown key "unknown" \|/),
      ],
    ],
    [
      small('host:\n  - { path: /x, mode: 0644, contents: !hex 4 }\n'),
      ['SCENARIO_INVALID', '7:39 expected pairs of hexadecimal digits after !hex'],
    ],
    [
      small('host:\n  - { path: /x, contents: !hxe 41 }\n'),
      ['SCENARIO_INVALID', '7:27 not valid YAML: Unresolved tag: !hxe'],
    ],
    [
      small(
        'host:\n  - { path: x/../y, mode: 0644 }\n  - { path: /d, type: dir, target: x }\n  - { path: /e, contents: "", file: fixtures/x }\n',
      ),
      [
        'SCENARIO_INVALID',
        '7:13 host[0].path: expected an absolute path without "..", found "x/../y"',
        '7:27 host[0].mode: expected permission bits in octal, quoted, like "0644", found the number 0644 | Quote it: "0644".',
        '8:36 host[1].target: expected an entry of the kind dir, which has path and mode, mtime, found "x"',
        '9:5 host[2]: expected exactly one of contents, file, generate, found a mapping | Of these keys, found contents and file.',
      ],
    ],
    [
      small(
        'feeders:\n  - path: /s\n    steps: [ ilde, { uot: x }, { out: a, err: b }, { signal: { name: SIGTERM, to: self } } ]\n',
      ),
      [
        'SCENARIO_INVALID',
        '8:14 feeders[0].steps[0]: expected idle, found "ilde" | Did you mean idle?',
        '8:20 feeders[0].steps[1]: expected exactly one of out, err, sleep, close, signal, child, exit, found a mapping | Of these keys, there is none.',
        expect.stringMatching(/^8:22 feeders\[0\].steps\[1\]: unknown key "uot", did you mean "out"\?/),
        '8:32 feeders[0].steps[2]: expected exactly one of out, err, sleep, close, signal, child, exit, found a mapping | Of these keys, found out and err.',
        '8:70 feeders[0].steps[3].signal.name: expected the name of a signal without SIG, like TERM, found "SIGTERM" | Write TERM.',
      ],
    ],
    [
      small('tokens: [ iso-locale, { use: epoch, groups: free }, { use: pattern, name: a, pattern: "^x\\\\d+" } ]\n'),
      [
        'TOKEN_INVALID',
        expect.stringMatching(
          /^6:11 tokens\[0\]: expected iso-local or .*, found "iso-locale" \| Did you mean iso-local\?/,
        ),
        '6:45 tokens[1].groups: expected groups for stamps only, found "free"',
        '6:53 tokens[2]: expected a validator: without one the rule would hide anything, found a mapping | Add validator: { kind: same }, { kind: rising } or { kind: number, min: 0, max: 9 }.',
      ],
    ],
    [
      small('diverge:\n  - { channel: run1/stdout, until: 2027-02-30 }\n'),
      [
        'DIVERGENCE_INVALID',
        '7:5 diverge[0]: the key "reason" is missing | reason: Why it is allowed.',
        '7:36 diverge[0].until: expected a day that exists, like 2027-03-31, found "2027-02-30"',
      ],
    ],
  ])('%j', (text, expected) => {
    expect(problems(text)).toEqual(expected);
  });

  test.each([
    '*',
    'run1/*',
    'run*',
    'host:*',
    'host:/*',
    'container:/**',
    '*/*',
  ])('a divergence everywhere: %s', (channel) => {
    const [code, first] = problems(small(`diverge:\n  - { channel: "${channel}", reason: x, until: 2027-01-01 }\n`));
    expect(code).toBe('DIVERGENCE_WILDCARD');
    expect(first).toMatch(
      /^7:16 diverge\[0\].channel: expected a pattern that does not cover every channel of its kind/,
    );
  });

  test.each(['run1/std*', 'host:/var/*', 'container:/dev*', 'leftovers', 'run*/exit'])('and not %s', (channel) => {
    expect(problems(small(`diverge:\n  - { channel: "${channel}", reason: x, until: 2027-01-01 }\n`))).toEqual([]);
  });

  test.each<[string, string, string, RegExp]>([
    ['a/c.yaml', small(''), 'SCENARIO_INVALID', /expected a file that ends in a\/b.yaml, as its id says/],
    [
      'a/b.yaml',
      small('host:\n  - { path: /x, file: fixtures/no }\n'),
      'FIXTURE_MISSING',
      /no fixture file at .*fixtures\/no$/,
    ],
    [
      'a/b.yaml',
      small('host:\n  - { path: /x, tree: fixtures/no }\n'),
      'FIXTURE_MISSING',
      /no fixture directory at .*fixtures\/no$/,
    ],
    [
      'a/b.yaml',
      small('host:\n  - { path: /x, file: fixtures/../../x }\n'),
      'SCENARIO_INVALID',
      /host\[0\].file: expected a path below fixtures\//,
    ],
    ['suite.yaml', small('', 'suite'), 'SCENARIO_INVALID', /which have a meaning of their own, found suite/],
  ])('%s: %j', async (name, text, code, message) => {
    await expect(loadScenario(join(folder({ [name]: text }), name))).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message),
    });
  });

  test('a scenario that is not there', async () => {
    await expect(loadScenario(join(folder({}), 'x.yaml'))).rejects.toMatchObject({ code: 'SCENARIO_NOT_FOUND' });
  });

  test('a suite with a mistake', async () => {
    const root = folder({ 'suite.yaml': 'apiVersion: parity/v1\nruns: []\n', 'a/b.yaml': small('') });
    await expect(loadScenario(join(root, 'a/b.yaml'))).rejects.toMatchObject({
      code: 'SCENARIO_INVALID',
      message: expect.stringMatching(/suite.yaml:2:1: unknown key "runs"/),
    });
  });
});
