import fc from 'fast-check';
import type { EditOperation, PathOperation } from '../model/manifest.ts';

// U+DCFF and U+DC80 are how bytes that are no UTF-8 are written in text.
const NAMES = ['a', 'b', 'c', '.gitx', '-d', 'ü', 'e f', 'n\nl', '\udcff', 'x\udc80.txt', '[id]', '.git-ignore'];
const name = fc.constantFrom(...NAMES);
const plainName = fc.constantFrom('a', 'b', 'c', '.gitx', '-d', 'ü', 'e f', 'n\nl');
const path = fc.array(name, { minLength: 1, maxLength: 4 }).map((names) => names.join('/'));
const plainPath = fc.array(plainName, { minLength: 1, maxLength: 3 }).map((names) => names.join('/'));

const target = fc
  .tuple(fc.constantFrom('', '', '../', '../../', '/', './'), path)
  .map(([up, rest]) => `l:${up}${rest}`);
const content = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom('old one', 'new one\r\n', 'old old', 'x:old #!', 'x:', '', 'b\0in old') },
  { weight: 1, arbitrary: target },
  { weight: 1, arbitrary: fc.integer({ min: 0, max: 9 }).map((n) => `g:${n}`) },
);

/** Files (as `treeFrom` reads them) of which none is a directory of another: links, submodules, modes, odd names. */
export const FILES = fc.dictionary(path, content, { minKeys: 1, maxKeys: 25 }).map((all) => {
  const names = Object.keys(all);
  return Object.fromEntries(Object.entries(all).filter(([one]) => !names.some((other) => other.startsWith(`${one}/`))));
});

const links = fc.constantFrom('keep' as const, 'retarget' as const, 'retarget' as const);

/** Path operations that a manifest could have; most fit some tree. */
export const PATH_OPERATION: fc.Arbitrary<PathOperation> = fc.oneof(
  plainPath.map((glob): PathOperation => ({ delete: { glob, optional: true } })),
  plainPath.map((dir): PathOperation => ({ delete: { glob: `${dir}/**`, except: [`${dir}/a`], optional: true } })),
  fc.constantFrom('**/a', '*/b', '**/*.txt').map((glob): PathOperation => ({ delete: { glob, optional: true } })),
  fc
    .tuple(plainPath, plainPath, fc.constantFrom('absent' as const, 'deleted' as const, 'replace' as const), links)
    .map(([from, to, onto, how]): PathOperation => ({ move: { from, to, onto, links: how, optional: true } })),
  fc
    .tuple(
      plainPath,
      fc.oneof(plainPath, fc.constant('.')),
      fc.constantFrom('nested' as const, 'outer' as const),
      links,
    )
    .map(
      ([dir, into, one, how]): PathOperation => ({
        flatten: { dir, into, collisions: { a: one, 'b/c': one }, links: how, optional: true },
      }),
    ),
  plainPath.map((one): PathOperation => ({ create: { path: one, text: 'new old' } })),
  plainPath.map((one): PathOperation => ({ mode: { path: one, exec: true, optional: true } })),
  fc
    .tuple(plainPath, plainPath)
    .map(([one, to]): PathOperation => ({ link: { path: one, target: to, optional: true } })),
);

/** Literal replacements over many files. */
export const EDIT: fc.Arbitrary<EditOperation> = fc
  .tuple(fc.constantFrom('**', '**/a', 'a/**', 'b', '*'), fc.constantFrom('old', 'one', 'new'))
  .map(([glob, find]) => ({ replace: { in: glob, find, with: `<${find}>`, count: { min: 0 }, optional: true } }));

/** A list with the same in another order. */
export function shuffled<T>(item: fc.Arbitrary<T>, maxLength: number): fc.Arbitrary<readonly [T[], T[]]> {
  return fc
    .array(item, { maxLength })
    .chain((list) => fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length })));
}
