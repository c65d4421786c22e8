import { mkdirSync, writeFileSync } from 'node:fs';
import { temporaryDirectory } from '@baton/testkit';
import { expect, test } from 'vitest';
import type { Config } from './config.ts';
import { loadConfig } from './load-config.ts';
import { configWith, outcomeOf, stepWith } from './test-config.ts';

/** What came of loading a package with this config.json (none for undefined) and these scripts. */
function load(config: Uint8Array | string | undefined, scripts: string[] = ['a.sh', 'a_check.sh']) {
  const rootMount = temporaryDirectory();
  mkdirSync(`${rootMount}/pkg/skyhook_dir`, { recursive: true });
  for (const name of scripts) writeFileSync(`${rootMount}/pkg/skyhook_dir/${name}`, '');
  if (config !== undefined) writeFileSync(`${rootMount}/pkg/config.json`, config);
  let stderr = '';
  const write = (text: Uint8Array | string) => {
    stderr += Buffer.from(text).toString();
  };
  const outcome = outcomeOf((): Config => loadConfig({ stderr: { write } }, { rootMount, copyDir: '/pkg' }));
  return { rootMount, outcome, stderr };
}

const json = (config: unknown): string => JSON.stringify(config);

test('loads a config', () => {
  const { outcome, stderr } = load(
    json(configWith({ expected_config_files: ['x', 'sub/y'], package_name: 'a/../b c' })),
  );
  expect(stderr).toBe('');
  expect(outcome).toMatchObject({
    packageName: 'a/../b c',
    packageVersion: '1.2.3',
    expectedConfigFiles: ['x', 'sub/y'],
  });
  expect(typeof outcome === 'object' && [...outcome.modes.keys()]).toEqual(['apply', 'apply-check']);
});

test('the last of two equal keys counts, and numbers keep their spelling', () => {
  const text = json(configWith()).replace('"package_version":', '"package_version": "9.9.9", "package_version":');
  const { outcome } = load(text.replace('"returncodes":[0]', '"returncodes":[0, 1.0, -0, 12345678901234567890123]'));
  expect(outcome).toMatchObject({ packageVersion: '1.2.3' });
  expect(typeof outcome === 'object' && outcome.modes.get('apply')?.[0]?.returnCodes).toEqual([
    0n,
    1,
    0n,
    12345678901234567890123n,
  ]);
});

test('a file that is missing, or a directory', () => {
  const { rootMount, outcome } = load(undefined);
  expect(outcome).toBe(`FileNotFoundError: [Errno 2] No such file or directory: '${rootMount}//pkg/config.json'`);
  mkdirSync(`${rootMount}/pkg/config.json`);
  const stderr = { write: () => expect.unreachable() };
  expect(outcomeOf(() => loadConfig({ stderr }, { rootMount, copyDir: '/pkg' }))).toBe(
    `IsADirectoryError: [Errno 21] Is a directory: '${rootMount}//pkg/config.json'`,
  );
});

test.each([
  ['a syntax error', '{"schema_version": "v1",}', 'json.decoder.JSONDecodeError: '],
  ['an empty file', '', 'json.decoder.JSONDecodeError: Expecting value: line 1 column 1 (char 0)'],
  ['a byte order mark', `\uFEFF${json(configWith())}`, 'json.decoder.JSONDecodeError: '],
  ['a raw control character', '{"schema_version": "v\n1"}', 'json.decoder.JSONDecodeError: '],
  ['UTF-16', Buffer.from(json(configWith()), 'utf16le'), 'json.decoder.JSONDecodeError: '],
  ['bytes that are no UTF-8', Buffer.from([0x22, 0xff, 0x22]), 'UnicodeDecodeError: '],
  ['a list', '[1]', 'TypeError: '],
  ['no schema version', '{}', "KeyError: 'schema_version'"],
])('%s', (_, text, start) => {
  const { outcome } = load(text);
  expect(outcome).toEqual(expect.stringContaining(start));
});

test('a missing companion is a warning, whatever mode it belongs to', () => {
  const modes = {
    apply: [stepWith()],
    'apply-check': [stepWith({ path: 'a_check.sh' })],
    config: [stepWith({ path: 'c.tar.sh' })],
    'config-check': [stepWith({ path: 'a_check.sh' })],
  };
  const { outcome, stderr } = load(json(configWith({ modes })), ['a.sh', 'a_check.sh', 'c.tar.sh']);
  expect(typeof outcome).toBe('object');
  expect(stderr).toBe(
    "WARNING:root: c.tar_check.sh doesn't exist. Checks ensure that all tasks in the step will complete.\n",
  );
});

test('the warnings come before missing scripts end the run', () => {
  const modes = { apply: [stepWith({ path: 'gone.sh' })], 'apply-check': [stepWith({ path: 'other.sh' })] };
  const { outcome, stderr } = load(json(configWith({ modes })));
  expect(stderr).toMatch(/^WARNING:root: gone_check[.]sh /);
  expect(outcome).toBe('ValueError: Following steps did not exist:gone.sh, other.sh');
});

test('the wrong modes end the run without a warning', () => {
  const { outcome, stderr } = load(json(configWith({ modes: { apply: [stepWith({ path: 'x.sh' })] } })));
  expect(stderr).toBe('');
  expect(outcome).toMatch(/^skyhook_agent[.]step[.]StepError: Couldn't validate steps[.]/);
});

test('hostile configs are crashes of the contract or accepted, never faults of this program', () => {
  const good = json(configWith());
  const accepted = [
    good.replace('{', '{"__proto__": {"modes": 5}, "constructor": [], "toString": null, "0": 1, '),
    good.replace('{', `{"x": ${'['.repeat(500)}${']'.repeat(500)}, `),
    good.replace('{', `{"x": [${'{"a": 1},'.repeat(50_000)}0], `),
    good.replace('"demo"', '"../../\\u0000\\ud800"'),
  ];
  for (const text of accepted) expect(typeof load(text).outcome).toBe('object');
  const refused: [string, RegExp][] = [
    [good.replace('"apply":', '"__proto__":'), /^ValueError: '__proto__' is not a valid Mode$/],
    [good.replace('"on_host"', '"__proto__": {"on_host": true}, "x"'), /^jsonschema[.]exceptions[.]ValidationError: /],
    [good.replace('"on_host"', '"toString": 1, "on_host"'), /^TypeError: .* 'toString'$/],
    [good.replace('"path":"a.sh"', '"path":"a.sh\\u0000"'), /^ValueError: Following steps did not exist:a.sh\0$/],
    [good.replace('"path":"a.sh"', '"path":"\\ud83d"'), /^ValueError: Following steps did not exist:\ud83d$/],
    [good.replace('"path":"a.sh"', `"path":"${'x'.repeat(5000)}"`), /^ValueError: Following steps did not exist:x+$/],
  ];
  for (const [text, outcome] of refused) expect(load(text).outcome).toMatch(outcome);
});
