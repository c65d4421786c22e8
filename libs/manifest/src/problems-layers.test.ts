import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { inImage, problems } from './test-problems.ts';

const KNOWN_LAYER = 'from, to, include, exclude, owner, mode, platform, compression';

describe('layers', () => {
  it.each([
    [
      '{ npm: a, debian: [bb] }',
      ['image.layers[0]: a layer needs exactly one of from, npm, debian; found both npm and debian'],
    ],
    [
      '{ from: a, debian: [bb], to: /a }',
      ['image.layers[0]: a layer needs exactly one of from, npm, debian; found both from and debian'],
    ],
    ['{}', ['image.layers[0]: a layer needs exactly one of from, npm, debian; found none']],
    ['dist', ['image.layers[0]: expected a layer with from, npm or debian, found "dist"']],
    [
      '{ form: a, to: /a }',
      [
        'image.layers[0]: a layer needs exactly one of from, npm, debian; found only form, to | Did you mean "from" in place of "form"?',
      ],
    ],
    ['{ from: a }', ['image.layers[0]: the key "to" is missing | to: Where it goes in the image: an absolute path.']],
    [
      '{ from: a, to: /a, onwer: "0:0" }',
      [`image.layers[0]: unknown key "onwer", did you mean "owner"? | Known keys of image.layers[0]: ${KNOWN_LAYER}.`],
    ],
    [
      '{ from: a, to: /a, mode: 0644 }',
      [
        'image.layers[0].mode: expected permission bits in octal, like "0644", found the number 0644 | Quote it: "0644".',
      ],
    ],
    ['{ from: a, to: /a, include: [] }', ['image.layers[0].include: expected at least one item, found an empty list']],
    [
      '{ from: a, to: /a, exclude: [/x] }',
      [
        'image.layers[0].exclude[0]: expected a glob relative to `from`, like **/*.js, found "/x" | Globs are relative to `from`: write x.',
      ],
    ],
    ['{ npm: a, to: /a }', ['image.layers[0]: the key "version" is missing | version: The package\'s exact version.']],
    [
      '{ npm: a, version: ^1.0.0, to: /a }',
      ['image.layers[0].version: expected a semantic version like 1.2.3, found "^1.0.0"'],
    ],
    ['{ debian: [] }', ['image.layers[0].debian: expected at least one item, found an empty list']],
    ['{ debian: libc6 }', ['image.layers[0].debian: expected a list, found "libc6"']],
    [
      '{ debian: [libc6], resolve: lock }',
      ['image.layers[0].resolve: expected current or locked, found "lock" | Did you mean locked?'],
    ],
    [
      '{ debian: [libc6], to: /a }',
      ['image.layers[0]: unknown key "to" | Known keys of image.layers[0]: debian, resolve, platform, compression.'],
    ],
    [
      '{ from: a, to: /a, platform: linux/arm64 }',
      ['image.layers[0].platform: expected one of image.platforms (linux/amd64), found "linux/arm64"'],
    ],
    [
      '{ from: /a, to: a }',
      [
        'image.layers[0].from: expected a path relative to the manifest\'s folder, found "/a" | An absolute path exists on one machine only.',
        'image.layers[0].to: expected an absolute path in the image, like /app, found "a" | Write /app.'.replace(
          '/app.',
          '/a.',
        ),
      ],
    ],
  ])('%s', (text, expected) => {
    expect(inImage(`layers: [${text}]`)).toEqual(expected);
  });

  it('judges each layer on its own, in the order of the file', () => {
    expect(
      problems(
        'version: 1\nname: a\nimage:\n  layers:\n    - { to: /a }\n    - from: b\n    - { npm: c, debian: [dd] }\n',
      ),
    ).toEqual([
      '5:7 image.layers[0]: a layer needs exactly one of from, npm, debian; found only to',
      '6:7 image.layers[1]: the key "to" is missing | to: Where it goes in the image: an absolute path.',
      '7:7 image.layers[2]: a layer needs exactly one of from, npm, debian; found both npm and debian',
    ]);
  });
});

describe('whatever the file holds', () => {
  const keys = fc.constantFrom(
    'version',
    'name',
    'image',
    'bundle',
    'layers',
    'from',
    'npm',
    'debian',
    'to',
    'base',
    'ref',
    'tags',
    'env',
    'command',
    'evidence',
    'x',
  );
  const { tree } = fc.letrec((tie) => ({
    tree: fc.oneof({ maxDepth: 4 }, tie('leaf'), tie('list'), tie('mapping')),
    leaf: fc.constantFrom(1, 0.5, true, null, 'a', '/a', '', 'scratch', 'linux/amd64', '1.2.3', '{version}'),
    list: fc.array(tie('tree'), { maxLength: 3 }),
    mapping: fc.dictionary(keys, tie('tree'), { maxKeys: 6 }),
  }));

  it('is taken, or has problems in plain words at places in the file', () => {
    fc.assert(
      fc.property(fc.dictionary(keys, tree, { maxKeys: 6 }), (value) => {
        const text = JSON.stringify({ version: 1, name: 'a', ...value }, null, 1);
        for (const line of problems(text)) {
          const [, row, column, words] = /^(\d+):(\d+) (.+)$/.exec(line) ?? [];
          expect(Number(row)).toBeLessThanOrEqual(text.split('\n').length);
          expect(Number(column)).toBeGreaterThanOrEqual(1);
          expect(words).not.toMatch(/invalid input|zod|undefined|\[object/i);
        }
      }),
      { numRuns: 2000 },
    );
  });
});
