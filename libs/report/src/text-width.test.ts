import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { displayWidth, fitText, visibleText } from './text-width.ts';

describe('displayWidth', () => {
  test.each([
    ['', 0],
    ['abc', 3],
    ['größe', 5],
    ['gro\u0308ße', 5],
    ['日本', 4],
    ['🚀', 2],
    ['\x1b[32mok\x1b[39m', 2],
  ])('%j needs %i columns', (text, width) => {
    expect(displayWidth(text)).toBe(width);
  });
});

describe('fitText', () => {
  test.each([
    ['layer /app', 10, 'layer /app'],
    ['layer /app', 9, 'layer /a…'],
    ['日本語', 4, '日…'],
    ['abc', 1, '…'],
    ['abc', 0, ''],
  ])('%j in %i columns', (text, width, fitted) => {
    expect(fitText(text, width)).toBe(fitted);
  });

  test('never exceeds the width and keeps a beginning of the text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.nat(30), (raw, width) => {
        const text = visibleText(raw);
        const fitted = fitText(text, width);
        expect(displayWidth(fitted)).toBeLessThanOrEqual(width);
        expect(text.startsWith(fitted.replace(/…$/, ''))).toBe(true);
      }),
    );
  });
});

describe('visibleText', () => {
  test('keeps ordinary text of any language', () => {
    expect(visibleText('größe 日本 🚀')).toBe('größe 日本 🚀');
  });

  test('shows what would move the cursor or reorder the line', () => {
    expect(visibleText('a\nb\tc\x1b[2J\r\u202e')).toBe('a\\nb c\\x1b[2J\\x0d\\u202e');
  });
});
