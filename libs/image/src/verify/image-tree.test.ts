import fc from 'fast-check';
import { expect, test } from 'vitest';
import { treeOf } from './verify.fixture.ts';

test('links are followed inside the root, upper layers count, and nothing leads out', async () => {
  const tree = await treeOf(
    { bin: { link: 'usr/bin' }, 'usr/bin/sh': 'one', up: { link: '../../../usr' }, gone: 'x' },
    {
      'usr/bin/tool': { link: '/bin/sh' },
      '.wh.gone': '',
      'a/b/c': 'x',
      loop: { link: 'loop' },
      abs: { link: '/nowhere' },
    },
  );
  const path = (text: string) => tree.look(text).found?.path ?? tree.look(text).why;
  expect(path('/bin/tool')).toBe('/usr/bin/sh');
  expect(path('/up/bin/../bin/sh')).toBe('/usr/bin/sh');
  expect(path('/../../bin/sh')).toBe('/usr/bin/sh');
  expect(path('/a')).toBe('/a');
  expect(path('/')).toBe('/');
  expect(path('/gone')).toBe('/gone does not exist');
  expect(path('/abs')).toBe('/nowhere does not exist, where /abs leads');
  expect(path('/loop')).toBe('the links of /loop lead in circles');
  expect(path('/bin/sh/x')).toBe('/usr/bin/sh is no directory');
  expect(tree.above('/a/b/c').map((directory) => directory.path)).toEqual(['/a', '/a/b']);
});

test('any path and any link end somewhere inside, or with a reason', async () => {
  const part = fc.constantFrom('a', 'b', 'c', '..', '.', '');
  const some = fc.array(part, { minLength: 1, maxLength: 8 }).map((parts) => parts.join('/'));
  await fc.assert(
    fc.asyncProperty(some, some, some, async (one, two, wanted) => {
      const tree = await treeOf({
        a: { link: one || '/' },
        b: { link: `/${two}` },
        'c/a': 'x',
        'c/b': { link: '../a' },
      });
      const { found, why } = tree.look(wanted);
      if (found === undefined) expect(why).toMatch(/does not exist|no directory|circles/);
      else expect(found.path).toMatch(/^\/(?:c(?:\/[ab])?)?$/);
    }),
  );
});
