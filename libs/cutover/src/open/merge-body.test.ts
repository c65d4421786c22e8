import fc from 'fast-check';
import { expect, test } from 'vitest';
import { bodyMarkers, isOwnTitle, mergeBody, titleMark } from './merge-body.ts';

const { begin, end } = bodyMarkers('pump');
const made = (text: string): string => `${begin}\n${text}\n${end}`;

test('whatever people write around the generated part stays, byte for byte, and twice is once', () => {
  const text = fc.string({ unit: 'grapheme' }).map((some) => some.replaceAll('<!--', '\r\n'));
  fc.assert(
    fc.property(text, text, text, text, (above, below, old, fresh) => {
      const current = `${above}${made(old)}${below}`;
      const merged = mergeBody(current, made(fresh), { name: 'pump' });
      const same = made(old).replaceAll('\r\n', '\n') === made(fresh);
      expect(merged).toBe(same ? current : `${above}${made(fresh)}${below}`);
      expect(mergeBody(merged, made(fresh), { name: 'pump' })).toBe(merged);
    }),
  );
});

test('a body without the markers keeps its bytes and gets the part at its end; a new one has the text above', () => {
  expect(mergeBody('Mine. \r\n', made('x'), { name: 'pump' })).toBe(`Mine. \r\n\n\n${made('x')}`);
  expect(mergeBody('', made('x'), { name: 'pump' })).toBe(made('x'));
  expect(mergeBody(undefined, made('x'), { name: 'pump' })).toBe(made('x'));
  expect(mergeBody(undefined, made('x'), { name: 'pump', above: 'Hello.\n' })).toBe(`Hello.\n\n${made('x')}`);
});

test('a begin that lost its end swallows nothing', () => {
  const broken = `${begin}\nold\n\nwritten by hand\n`;
  const merged = mergeBody(broken, made('x'), { name: 'pump' });
  expect(merged).toBe(`${broken}\n\n${made('x')}`);
  expect(mergeBody(merged, made('y'), { name: 'pump' })).toBe(`${broken}\n\n${made('y')}`);
});

test('the part of another cutover is text like any other', () => {
  const other = bodyMarkers('valve');
  const current = `${other.begin}\nx\n${other.end}\n${made('old')}`;
  expect(mergeBody(current, made('new'), { name: 'pump' })).toBe(`${other.begin}\nx\n${other.end}\n${made('new')}`);
});

test('a title is ours while it is the one that was marked', () => {
  const body = `text ${made(titleMark('Ein Titel'))}`;
  expect(isOwnTitle(body, 'Ein Titel', 'pump')).toBe(true);
  expect(isOwnTitle(body, 'Another', 'pump')).toBe(false);
  expect(isOwnTitle('', 'Ein Titel', 'pump')).toBe(false);
});
