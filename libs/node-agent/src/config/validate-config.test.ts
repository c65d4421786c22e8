import { expect, test } from 'vitest';
import type { PyValue } from '../python-text/index.ts';
import { configWith, type Fields, outcomeOf, pyValue, stepWith } from './test-config.ts';
import { validateConfig } from './validate-config.ts';

const judge = (config: unknown): string | PyValue => outcomeOf(() => validateConfig(pyValue(config)));
const REFUSED = 'jsonschema.exceptions.ValidationError: ';

test('gives the document back', () => {
  const document = pyValue(configWith());
  expect(validateConfig(document)).toBe(document);
});

test.each([
  [[1], 'TypeError: list indices must be integers or slices, not str'],
  ['schema_version', "TypeError: string indices must be integers, not 'str'"],
  [1, "TypeError: 'int' object is not subscriptable"],
  [0.5, "TypeError: 'float' object is not subscriptable"],
  [true, "TypeError: 'bool' object is not subscriptable"],
  [null, "TypeError: 'NoneType' object is not subscriptable"],
])('the document %j is no object', (document, outcome) => {
  expect(judge(document)).toBe(outcome);
});

test('without schema_version', () => {
  expect(judge({})).toBe("KeyError: 'schema_version'");
  expect(judge(configWith({ schema_version: undefined }))).toBe("KeyError: 'schema_version'");
});

test.each([
  ['v2', 'v2'],
  ['latest', 'latest'],
  ['V1', 'V1'],
  ['v1/../v1', 'v1/../v1'],
  ['', ''],
  [1, '1'],
  [null, 'None'],
  [true, 'True'],
  [0.5, '0.5'],
  [['v1'], "['v1']"],
])('schema_version %j is unknown, before anything else is looked at', (version, text) => {
  expect(judge({ schema_version: version })).toBe(`${REFUSED}Unknown skyhook-agent schema version: ${text}`);
});

test.each<[string, Fields, string]>([
  ['a key is missing', { package_name: undefined }, "config.json: must have required property 'package_name'"],
  ['no version', { package_version: 5 }, 'package_version: must be string, found 5'],
  ['steps are no list', { modes: { apply: {} } }, 'modes.apply: must be array, found {}'],
  ['no object', { modes: { 'apply-check': [[1]] } }, 'modes.apply-check[0]: must be object, found a list'],
  ['a step lacks a key', stepsOf({ on_host: undefined }), "modes.apply[1]: must have required property 'on_host'"],
  ['a number', stepsOf({ arguments: ['a', 1] }), 'modes.apply[1].arguments[1]: must be string, found 1'],
  [
    'an empty list',
    stepsOf({ returncodes: [] }),
    'modes.apply[1].returncodes: must NOT have fewer than 1 items, found []',
  ],
  ['a boolean', stepsOf({ returncodes: [true] }), 'modes.apply[1].returncodes[0]: must be integer, found True'],
  ['null', stepsOf({ env: null }), 'modes.apply[1].env: must be object, found None'],
  ['odd names', stepsOf({ env: { 'a/~ \n': 1 } }), "modes.apply[1].env['a/~ \\n']: must be string, found 1"],
  [
    'a long text',
    stepsOf({ name: 'a b'.repeat(1000) }),
    `modes.apply[1].name: must match pattern "^[a-zA-Z0-9_\\-.]+\\n?$", found '${'a b'.repeat(20)}'...`,
  ],
])('says where, what was wanted and what is there: %s', (_, changes, message) => {
  expect(judge(configWith(changes))).toBe(REFUSED + message);
});

function stepsOf(changes: Fields): Fields {
  return { modes: { apply: [stepWith(), stepWith(changes)] } };
}

test('one line, also for enormous values', () => {
  for (const value of [10n ** 4000n, `x${'\n'.repeat(1e6)}`, Array.from({ length: 1e5 }, () => 1)]) {
    const message = String(judge(configWith(stepsOf({ on_host: value }))));
    expect(message).toMatch(/^[^\n]{1,400}$/);
  }
});

test('a version with millions of parts is refused, not a fault of this program', () => {
  expect(judge(configWith({ package_version: `1.2.3-${'a.'.repeat(4e6)}a` }))).toBe(
    `${REFUSED}package_version: too many parts`,
  );
});
