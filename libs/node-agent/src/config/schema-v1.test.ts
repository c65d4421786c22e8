import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { PyValue } from '../python-text/index.ts';
import { APPLY_MODES, checkModeOf } from './modes.ts';
import { validateSchemaV1 } from './schema-v1.generated.mjs';
import schema from './schema-v1.json' with { type: 'json' };
import { schemaView } from './schema-view.ts';
import { configWith, type Fields, pyValue, stepWith } from './test-config.ts';

const accepts = (config: unknown): boolean => validateSchemaV1(schemaView(pyValue(config)));
const acceptsStep = (changes: Fields): boolean => accepts(configWith({ modes: { apply: [stepWith(changes)] } }));

describe('the document', () => {
  test('is accepted with extra keys', () => {
    expect(accepts(configWith({ extra: [{ deep: [[[[[[{}]]]]]] }], toString: 1 }))).toBe(true);
  });

  test.each([
    'schema_version',
    'package_name',
    'package_version',
    'expected_config_files',
    'modes',
  ])('needs %s, of its type', (key) => {
    expect(accepts(configWith({ [key]: undefined }))).toBe(false);
    for (const value of [null, 1, true]) expect(accepts(configWith({ [key]: value }))).toBe(false);
  });

  test('keys that every JavaScript object has are absent until they are there', () => {
    const hostile = (json: string): PyValue => pyValue(new Map(Object.entries(JSON.parse(json))));
    expect(validateSchemaV1(schemaView(hostile('{"__proto__": {"schema_version": "v1"}}')))).toBe(false);
    const modes = new Map<string, unknown>([
      ['__proto__', 5],
      ['constructor', {}],
      ['hasOwnProperty', null],
    ]);
    expect(accepts(configWith({ modes }))).toBe(true);
    const env = new Map<string, unknown>([
      ['__proto__', 'a'],
      ['toString', 'b'],
    ]);
    expect(acceptsStep({ env })).toBe(true);
    expect(acceptsStep({ env: new Map<string, unknown>([['__proto__', 5]]) })).toBe(false);
    expect(acceptsStep({ env: new Map<string, unknown>([['__proto__', {}]]) })).toBe(false);
  });

  test('has a list of steps in each of the ten step modes; other modes are not its business', () => {
    for (const mode of APPLY_MODES.flatMap((apply) => [apply, checkModeOf(apply)])) {
      expect(accepts(configWith({ modes: { [mode]: [] } }))).toBe(true);
      for (const bad of [{}, null, 'x', [1], [{}], [stepWith(), []]]) {
        expect(accepts(configWith({ modes: { [mode]: bad } }))).toBe(false);
      }
    }
    for (const mode of ['interrupt', 'reconcile', 'Apply']) {
      expect(accepts(configWith({ modes: { [mode]: [{}] } }))).toBe(true);
    }
  });
});

describe('package_version', () => {
  test.each([
    '1.2.3',
    '0.0.0',
    '1.2.3\n',
    '1.2.3-rc.1+build.5',
    '1.0.0-0a.-',
    '1.0.0+001',
    '10.20.30-x-y.0',
  ])('%j is accepted', (version) => expect(accepts(configWith({ package_version: version }))).toBe(true));

  test.each([
    '',
    '1.2',
    'v1.2.3',
    '01.2.3',
    '1.2.3-01',
    '1.2.3-',
    '1.2.3+',
    '1.2.3\n\n',
    '\n1.2.3',
    '1.2.3 ',
    '１.2.3',
  ])('%j is not', (version) => expect(accepts(configWith({ package_version: version }))).toBe(false));

  test('is judged in no time, whatever it is', () => {
    for (const text of [`${'1'.repeat(5e6)}.`, `1.2.3-${'a.'.repeat(2e5)}!`, `1.2.3+${'-'.repeat(5e6)}!`]) {
      expect(accepts(configWith({ package_version: text }))).toBe(false);
    }
  });
});

describe('a step', () => {
  test.each([
    'name',
    'path',
    'arguments',
    'returncodes',
    'on_host',
    'idempotence',
    'upgrade_step',
  ])('needs %s, of its type', (key) => {
    expect(acceptsStep({ [key]: undefined })).toBe(false);
    for (const value of [null, 1, {}, [null]]) expect(acceptsStep({ [key]: value })).toBe(false);
  });

  test.each([
    ['a.sh', true],
    ['A-b_c.9\n', true],
    ['bad name', false],
    ['', false],
    ['\n', false],
    ['a\nb', false],
    ['\u00E4', false],
    ['a\uDCFF', false],
  ])('may be called %j: %s', (name, accepted) => {
    expect(acceptsStep({ name })).toBe(accepted);
  });

  test.each<[PyValue[], boolean]>([
    [[0n], true],
    [[1.0, -0.0, 100.0, 1e300], true],
    [[10n ** 4000n, -(10n ** 400n)], true],
    [[0n, 0.5], false],
    [[Number.NaN], false],
    [[Number.POSITIVE_INFINITY], false],
    [[true], false],
    [['0'], false],
    [[], false],
  ])('has integers as return codes, case %#', (codes, accepted) => {
    const step = pyValue(stepWith());
    if (step instanceof Map) step.set('returncodes', codes);
    const config = pyValue(configWith());
    if (config instanceof Map) config.set('modes', new Map([['apply', [step]]]));
    expect(validateSchemaV1(schemaView(config))).toBe(accepted);
  });

  test('has texts in arguments and env, and other keys at will', () => {
    expect(acceptsStep({ arguments: ['', 'x'], env: { A: '' }, timeout: null, requires_interrupt: 3 })).toBe(true);
    for (const env of [null, [], 'A=1', { A: 1 }, { A: null }]) expect(acceptsStep({ env })).toBe(false);
    expect(acceptsStep({ arguments: ['x', 1] })).toBe(false);
  });
});

describe('the generated validator', () => {
  const whole = new Ajv2020({ strict: true }).compile(schema);

  test('finds in random documents what the schema finds', () => {
    const seen = { accepted: 0, refused: 0 };
    fc.assert(
      fc.property(randomConfig, (config) => {
        const generated = accepts(config);
        // Without schemaView on that side: what it leaves out must not matter.
        expect(generated).toBe(whole(config));
        const found = (problems: typeof validateSchemaV1.errors) =>
          problems?.map(({ instancePath, keyword, message }) => `${instancePath} ${keyword} ${message}`);
        expect(found(validateSchemaV1.errors)).toEqual(
          whole.errors?.map((e) => `${e.instancePath} ${e.keyword} ${e.message}`),
        );
        seen[generated ? 'accepted' : 'refused'] += 1;
      }),
      { numRuns: 3000 },
    );
    expect(Math.min(seen.accepted, seen.refused)).toBeGreaterThan(100);
  });

  test('finds in random values what the schema finds', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 6 }), (value) => {
        expect(accepts(value)).toBe(whole(value));
      }),
    );
  });
});

/** Now and then the value is another one, or absent. */
const mostly = (usual: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> =>
  fc.oneof({ weight: 60, arbitrary: usual }, { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 2 }) });

const texts = fc.array(mostly(fc.string({ maxLength: 4 })), { maxLength: 2 });
const extras = fc.dictionary(
  fc.constantFrom('env', 'timeout', 'constructor', 'requires_interrupt', 'interrupt', 'x'),
  fc.jsonValue({ maxDepth: 1 }),
  { maxKeys: 1 },
);

const randomStep = fc.tuple(
  fc.record(
    {
      name: mostly(fc.stringMatching(/^[a-zA-Z0-9_.-]{1,5}\n?$/)),
      path: mostly(fc.string()),
      arguments: mostly(texts),
      returncodes: mostly(fc.array(mostly(fc.integer()), { minLength: 1, maxLength: 3 })),
      on_host: mostly(fc.boolean()),
      idempotence: mostly(fc.boolean()),
      upgrade_step: mostly(fc.boolean()),
    },
    { noNullPrototype: true },
  ),
  fc.oneof({ weight: 5, arbitrary: fc.constant({}) }, extras),
);

const randomConfig = fc
  .tuple(
    fc.record({
      schema_version: mostly(fc.constant('v1')),
      package_name: mostly(fc.string()),
      package_version: mostly(fc.constantFrom('1.2.3', '0.0.1-rc.1', '1.2.3\n', '4.5.6+b')),
      expected_config_files: mostly(texts),
      modes: mostly(
        fc.dictionary(
          fc.constantFrom('apply', 'apply-check', 'upgrade', 'post-interrupt-check', 'interrupt', 'other'),
          mostly(fc.array(mostly(randomStep.map(([step, extra]) => ({ ...step, ...extra }))), { maxLength: 2 })),
          { maxKeys: 3 },
        ),
      ),
    }),
    extras,
    // Mostly nothing is left out.
    fc.oneof(
      { weight: 9, arbitrary: fc.constant('') },
      { weight: 1, arbitrary: fc.constantFrom('schema_version', 'package_name', 'modes') },
    ),
  )
  .map(([config, extra, dropped]) =>
    Object.fromEntries(Object.entries({ ...config, ...extra }).filter(([key]) => key !== dropped)),
  );
