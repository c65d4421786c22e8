import { describe, expect, it } from 'vitest';
import { describePath, describeValue, isMapping, quoted } from './describe-value.ts';

describe('describeValue', () => {
  it.each([
    [null, 'nothing'],
    [undefined, 'nothing'],
    ['', 'empty text'],
    ['a "b"', '"a \\"b\\""'],
    [12, 'the number 12'],
    [true, 'the truth value true'],
    [[], 'an empty list'],
    [[1], 'a list'],
    [{}, 'an empty mapping'],
    [{ a: 1 }, 'a mapping'],
  ])('%j is %s', (value, words) => {
    expect(describeValue(value)).toBe(words);
  });

  it('prefers what the file writes', () => {
    expect(describeValue(420, '0o644')).toBe('the number 0o644');
    expect(describeValue(true, 'TRUE')).toBe('the truth value TRUE');
  });

  it('stays on one line and short', () => {
    expect(quoted('a\nb')).toBe('"a\\nb"');
    expect(quoted('x'.repeat(61))).toBe(`"${'x'.repeat(57)}..."`);
    expect(quoted('x'.repeat(60))).toBe(`"${'x'.repeat(60)}"`);
  });
});

describe('describePath', () => {
  it('reads as people write it', () => {
    expect(describePath(['image', 'layers', 1, 'to'])).toBe('image.layers[1].to');
    expect(describePath(['image', 'labels', 'a.b'])).toBe('image.labels["a.b"]');
    expect(describePath([])).toBe('');
  });
});

describe('isMapping', () => {
  it('takes mappings only', () => {
    expect([{}, { a: 1 }].every(isMapping)).toBe(true);
    expect([[], null, undefined, 'a', 1].some(isMapping)).toBe(false);
  });
});
