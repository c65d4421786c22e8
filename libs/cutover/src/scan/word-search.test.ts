import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isBinary, wordSearch } from './word-search.ts';

// The rule once more, as slowly and plainly as it can be said.
function naive(bytes: Buffer, words: readonly string[], whole: boolean, ignoreCase: boolean): Map<number, string[]> {
  const found = new Map<number, string[]>();
  const isLetter = (character: string | undefined): boolean => /^[\p{L}\p{N}\p{M}_]$/u.test(character ?? '');
  const fold = (text: string): string => (ignoreCase ? text.replace(/[A-Z]/g, (letter) => letter.toLowerCase()) : text);
  for (const [index, line] of bytes.toString('utf8').split('\n').entries()) {
    const characters = [...line];
    const hits = words.filter((word) => {
      const wanted = [...word];
      return characters.some((_, at) => {
        const part = characters.slice(at, at + wanted.length);
        if (fold(part.join('')) !== fold(word) || part.length !== wanted.length) return false;
        const isPath = word.includes('/');
        const [previous, next, second] = [characters[at - 1], ...characters.slice(at + wanted.length)];
        const longer = isLetter(next) || (isPath && (next === '-' || (next === '.' && isLetter(second))));
        const before = isLetter(previous) || (isPath && (previous === '-' || previous === '.'));
        return !(whole && isLetter(wanted[0]) && before) && !(whole && isLetter(wanted.at(-1)) && longer);
      });
    });
    if (hits.length > 0) found.set(index + 1, hits);
  }
  return found;
}

test('finds what a naive search finds', () => {
  const piece = fc.constantFrom(
    'pip',
    'Pip',
    'agent/go',
    'é',
    '日',
    '_',
    ' ',
    '.',
    '\n',
    '\r\n',
    'x',
    '7',
    '-',
    '\t',
    '/',
    'lan',
  );
  const word = fc.constantFrom('pip', 'agent/go', '.x', 'go', 'é', 'lan', '7', 'x-', '日');
  const ascii = fc.constantFrom('pip', 'agent/go', '.x', 'go', 'lan', 'x-');
  const draw = fc
    .boolean()
    .chain((ignoreCase) =>
      fc.tuple(
        fc.array(piece, { maxLength: 40 }),
        fc.uniqueArray(ignoreCase ? ascii : word, { minLength: 1, maxLength: 4 }),
        fc.boolean(),
        fc.constant(ignoreCase),
      ),
    );
  fc.assert(
    fc.property(draw, ([pieces, words, whole, ignoreCase]) => {
      const bytes = Buffer.from(pieces.join(''));
      const hits = wordSearch({ words, whole, ignoreCase })(bytes);
      expect(new Map(hits.map((hit) => [hit.line, hit.words]))).toEqual(naive(bytes, words, whole, ignoreCase));
    }),
    { numRuns: 2000 },
  );
});

test('a word inside of a longer one is no match, one beside punctuation is', () => {
  const search = wordSearch({ words: ['pip', 'agent/go'], whole: true, ignoreCase: false });
  const text = [
    'set -o pipefail',
    'run pip install',
    'x/agent/golden',
    'cd agent/go && make',
    'agent/go.mod',
    'épip',
    'my-agent/go, agent/go-x and .agent/go',
    'It is in ../agent/go.',
    '$root/agent/go/go.mod',
  ].join('\n');
  expect(search(Buffer.from(text)).map(({ line, column, words }) => [line, column, words[0]])).toEqual([
    [2, 5, 'pip'],
    [4, 4, 'agent/go'],
    [8, 13, 'agent/go'],
    [9, 7, 'agent/go'],
  ]);
});

test('a word that begins with punctuation needs no boundary there', () => {
  const search = wordSearch({ words: ['.py'], whole: true, ignoreCase: false });
  expect(search(Buffer.from('setup.py\nsetup.pyc\n')).map(({ line }) => line)).toEqual([1]);
});

test('bytes that are no UTF-8 are no letters, and lines are told without indentation and carriage return', () => {
  const search = wordSearch({ words: ['wheel'], whole: true, ignoreCase: false });
  const bytes = Buffer.concat([
    Buffer.from('\t a '),
    Buffer.from([0xff]),
    Buffer.from('wheel'),
    Buffer.from([0xc3, 0x0d, 0x0a]),
  ]);
  expect(search(bytes)).toEqual([{ line: 1, column: 6, text: 'a \ufffdwheel\ufffd', words: ['wheel'] }]);
});

test('binary is what git calls so', () => {
  expect(isBinary(Buffer.from('a\0b'))).toBe(true);
  expect(isBinary(Buffer.concat([Buffer.alloc(8000, 'a'), Buffer.from([0])]))).toBe(false);
});
