import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { markdownFence, markdownTable, markdownText } from './markdown.ts';

describe('markdown', () => {
  test('a fence is longer than any inside', () => {
    expect(markdownFence('a')).toBe('```text\na\n```\n');
    expect(markdownFence('````\n# x')).toBe('`````text\n````\n# x\n`````\n');
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('`', '\n', 'a', '\0', '~') }), (text) => {
        const lines = markdownFence(text).trimEnd().split('\n');
        const fence = lines.at(-1) ?? '';
        expect(lines.filter((line) => line.includes(fence))).toEqual([`${fence}text`, fence]);
      }),
    );
  });

  test('text has no markup, no link and no cell of its own', () => {
    expect(markdownText('a|b `c` <d> [e](f) **g** https://x\ny')).toBe(
      'a\\|b \\`c\\` &lt;d&gt; \\[e\\]\\(f\\) \\*\\*g\\*\\* https\\://x\\\\ny',
    );
    expect(markdownText('- no list')).toBe('\\- no list');
    expect(markdownText('12. no list')).toBe('12\\. no list');
  });

  test('a table has a row for a row, whatever the cells hold', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 20 }), (text) => {
        const made = markdownTable(['a', 'b'], [[text, text]], ['left', 'right']);
        const lines = made.split('\n');
        expect(lines).toHaveLength(4);
        expect(lines[1]).toBe('| :-- | --: |');
        expect(lines[2]?.replace(/\\./g, '').match(/\|/g)).toHaveLength(3);
        expect(made).not.toMatch(/[<>]/);
      }),
    );
  });
});
