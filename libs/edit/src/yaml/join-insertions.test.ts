import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { applySplices } from '../splice.ts';
import { editYamlCarry } from './edit-carry.ts';
import { editYamlList } from './edit-list.ts';
import { joinYamlInsertions } from './join-insertions.ts';

const SOURCE = Buffer.from(
  'jobs:\n  image:\n    # why\n    permissions:\n      packages: write\n    steps:\n      - run: one\n      - run: two\n  extra:\n    steps: []\n',
);

describe('insertions at one place', () => {
  test.each([
    ['jobs:\n  image:\n    steps:\n      - run: zero\n'],
    ['jobs:\n  image:\n    steps:\n    - run: zero\n'],
    ['jobs:\n  image:\n    steps:\n      - run: zero'],
    ['jobs:\r\n  image:\r\n    steps:\r\n      - run: zero\r\n'],
    ['jobs:\r\n  image:\r\n    steps:\r\n    - run: zero'],
  ])('the end of a list, of its job and of all jobs: each goes where it belongs (%j)', (text) => {
    const bytes = Buffer.from(text);
    const carry = (node: string, to: string) => editYamlCarry(bytes, SOURCE, { node, to }).splices;
    const splices = [
      ...carry('jobs.extra', 'jobs'),
      ...carry('jobs.image.permissions', 'jobs.image'),
      ...carry('jobs.image.steps[1]', 'jobs.image.steps'),
    ];
    expect(() => applySplices(bytes, splices)).toThrow('touch the same bytes');
    for (const order of [splices, [...splices].reverse()]) {
      const after = applySplices(bytes, joinYamlInsertions(bytes, order)).toString();
      expect(parse(after)).toEqual({
        jobs: {
          image: { steps: [{ run: 'zero' }, { run: 'two' }], permissions: { packages: 'write' } },
          extra: { steps: [] },
        },
      });
      expect(after).toContain('# why');
      expect(after.includes('\r')).toBe(text.includes('\r'));
    }
  });

  test('two of one depth have no order, and stay an error', () => {
    const bytes = Buffer.from('a:\n  - x\n');
    const splices = ['y', 'z'].flatMap((value) => editYamlList(bytes, { at: 'a', add: [{ value }] }).splices);
    expect(joinYamlInsertions(bytes, splices)).toEqual(splices);
    expect(() => applySplices(bytes, splices)).toThrow('touch the same bytes');
  });

  test('what is no whole line is left as it is', () => {
    const bytes = Buffer.from('a: [x]\n');
    const splices = [
      { start: 5, end: 5, bytes: Buffer.from(', y') },
      { start: 5, end: 5, bytes: Buffer.from('  z') },
    ];
    expect(joinYamlInsertions(bytes, splices)).toEqual(splices);
  });
});
