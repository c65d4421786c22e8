import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { resolveInRoot } from './root-path.ts';

const LINKS: Record<string, string> = {
  lib: 'usr/lib',
  abs: '/usr/share',
  'usr/lib/up': '../../etc',
  self: 'self/x',
  ping: 'pong',
  pong: 'ping',
  out: '../../etc',
  dots: './/usr/./lib/',
  root: '/',
};
const resolve = (path: string): string => resolveInRoot(path, (at) => LINKS[at], 'layer');

describe('resolveInRoot', () => {
  test.each([
    ['a/b', 'a/b'],
    ['lib/x', 'usr/lib/x'],
    ['lib', 'lib'],
    ['abs/doc/x', 'usr/share/doc/x'],
    ['lib/up/passwd', 'etc/passwd'],
    ['dots/x', 'usr/lib/x'],
    ['root/lib/x', 'usr/lib/x'],
    ['usr/lib/up', 'usr/lib/up'],
  ])('%s is %s', (path, expected) => {
    expect(resolve(path)).toBe(expected);
  });

  test.each([
    ['out/passwd', 'leaves the root'],
    ['self/a', 'in circles'],
    ['ping/a', 'in circles'],
  ])('%s is refused: %s', (path, why) => {
    expect(() => resolve(path)).toThrow(
      expect.objectContaining({ code: 'LAYER_INVALID', message: expect.stringContaining(why) as string }),
    );
  });

  test('whatever the links say, the answer stays inside and passes no link', () => {
    const part = fc.constantFrom('a', 'b', 'c', '..', '.', '');
    const links = fc.dictionary(
      fc.constantFrom('a', 'b', 'a/b', 'a/a', 'c'),
      fc.array(part, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('/') || '/'),
    );
    const path = fc.array(fc.constantFrom('a', 'b', 'c'), { minLength: 1, maxLength: 4 });
    void fc.assert(
      fc.property(links, path, (targets, parts) => {
        try {
          const found = resolveInRoot(parts.join('/'), (at) => targets[at], 'layer').split('/');
          expect(found).not.toContain('..');
          for (let i = 1; i < found.length; i++) expect(targets[found.slice(0, i).join('/')]).toBeUndefined();
        } catch (error) {
          expect(error).toMatchObject({ code: 'LAYER_INVALID' });
        }
      }),
      { numRuns: 500 },
    );
  });
});
