import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { temporaryDirectory } from '@baton/testkit';
import { describe, expect, test } from 'vitest';
import { loadSuite } from './load-suite.ts';

const text = (id: string, more = ''): string =>
  `apiVersion: parity/v1\nid: ${id}\nwhy: x\nruns: [ { argv: [] } ]\n${more}`;
const folder = (files: Record<string, string>): string => {
  const root = temporaryDirectory('suite');
  for (const [name, contents] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), contents);
  }
  return root;
};

describe('a folder of scenarios', () => {
  test('is read whole and sorted, without its suite, its fixtures and what is hidden', async () => {
    const root = folder({
      'suite.yaml': 'apiVersion: parity/v1\ntimeout: 7\n',
      'b.yaml': text('b'),
      'a/z.yaml': text('a/z'),
      'a/suite.yaml': text('a/suite'),
      'a-b/c.yaml': text('a-b/c'),
      'fixtures/x.yaml': 'not: a scenario',
      '.cache/y.yaml': 'not: a scenario',
      'README.md': '# about',
    });
    const suite = await loadSuite(root);
    expect(suite.map(({ id, timeout }) => `${id} ${timeout}`)).toEqual(['a-b/c 7', 'a/suite 7', 'a/z 7', 'b 7']);
  });

  test.each<[string, Record<string, string>, object]>([
    ['with none in it', { 'suite.yaml': 'apiVersion: parity/v1\n' }, { code: 'PARITY_EMPTY' }],
    [
      'with a copy whose id nobody changed',
      { 'a.yaml': text('a'), 'b.yaml': text('a') },
      {
        code: 'SCENARIO_DUPLICATE',
        message: expect.stringMatching(/two scenarios have the id a: .*a.yaml and .*b.yaml$/),
      },
    ],
    [
      'with an id that is elsewhere',
      { 'a.yaml': text('a'), 'b.yaml': text('c') },
      {
        code: 'SCENARIO_INVALID',
        message: expect.stringMatching(/b.yaml: expected the id b, which is where the file is, found c$/),
      },
    ],
    [
      'with a name that would be passed over',
      { 'a.yaml': text('a'), 'b.yml': text('b') },
      { code: 'SCENARIO_INVALID', message: expect.stringMatching(/b.yml: expected a name that ends in .yaml/) },
    ],
    [
      'with several that are wrong',
      { 'a.yaml': text('a', 'x: 1\n'), 'b.yaml': text('b'), 'c.yaml': text('c', 'y: 1\n') },
      {
        code: 'SCENARIO_INVALID',
        message: expect.stringMatching(/a.yaml:5:1: unknown key "x"/),
        hint: expect.stringMatching(/1 more file with problems:\n.*c.yaml:5:1: unknown key "y"/),
      },
    ],
    [
      'with a missing fixture',
      { 'a.yaml': text('a', 'host: [ { path: /x, file: fixtures/no } ]\n') },
      { code: 'FIXTURE_MISSING' },
    ],
  ])('%s is an error', async (_, files, error) => {
    await expect(loadSuite(folder(files))).rejects.toMatchObject(error);
  });

  test('that is not there is an error', async () => {
    await expect(loadSuite(join(folder({}), 'no'))).rejects.toMatchObject({ code: 'SCENARIO_NOT_FOUND' });
  });
});
