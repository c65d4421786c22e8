import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { htmlBytes, htmlBytesLegend } from './html-bytes.ts';
import { htmlDiff } from './html-diff.ts';
import { htmlPage } from './html-page.ts';
import { markupOf, markupSize } from './html-text.ts';

describe('bytes in a page', () => {
  test('each kind has its mark', () => {
    const bytes = Buffer.concat([Buffer.from('a b\t\r\n\0\x1b\ufffd\\<'), Buffer.from([0xc3])]);
    expect(markupOf(htmlBytes(bytes))).toBe(
      'a<i>·</i><wbr>b<i>→</i><wbr><i class="cr">␍</i><i class="lf">␊</i><br><b class="nul">␀</b><b>\\x1b</b>' +
        '<b class="fffd">U+FFFD</b>\\&lt;<b class="raw">\\xC3</b>',
    );
  });

  test('marks stand where they belong, also where something is missing', () => {
    const marks = [
      { from: 0, to: 2, kind: 'token', title: 'OLD "ab"' },
      { from: 3, to: 3, kind: 'differs' },
    ] as const;
    expect(markupOf(htmlBytes(Buffer.from('abcd'), marks))).toBe('<u title="OLD &quot;ab&quot;">ab</u>c<mark></mark>d');
  });

  test('never become structure', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        const made = markupOf(htmlBytes(bytes));
        expect(made.replace(/<(i|b)( class="\w+")?>[^<>]*<\/\1>|<wbr>|<br>/g, '')).not.toMatch(/[<>"]|[\p{C}]/u);
        expect(markupSize([htmlBytes(bytes)])).toBe(Buffer.byteLength(made));
      }),
    );
  });
});

test('a side that has nothing says so, and equal rows are told apart from equal bytes', () => {
  const side = (line: number, text: string) => ({ line, bytes: Buffer.from(text) });
  const made = markupOf(
    htmlDiff([
      { kind: 'same', old: side(1, 'x'), new: side(1, 'x') },
      { kind: 'same', old: side(2, 'x'), new: side(2, 'y') },
      { kind: 'old', old: { ...side(3, 'z'), cutBefore: 12, cutAfter: 0 } },
    ]),
  );
  expect(made).toContain('<tr class="same twin">');
  expect(made).toContain('<tr class="same"><td class="n" data-side="OLD">2</td><td class="b">x</td>');
  expect(made).toContain(
    '<em>… 12 bytes …</em>z</td><td class="n" data-side="NEW"></td><td class="none">nothing here</td>',
  );
});

test('style and script of a room are allowed by hash, and nothing else is', () => {
  const plain = {
    title: 't',
    kind: 'k',
    verdict: { state: 'good', word: 'w', text: 't' },
    parts: [htmlBytesLegend()],
  } as const;
  const policyOf = (page: string): string => /Content-Security-Policy" content="([^"]*)"/.exec(page)?.[1] ?? '';
  const made = htmlPage({ ...plain, styles: ['.x {}'], scripts: ['void 0;'] });
  expect(policyOf(made).match(/sha256-/g)).toHaveLength(4);
  expect(policyOf(htmlPage(plain)).match(/sha256-/g)).toHaveLength(2);
  expect(policyOf(made)).not.toContain('unsafe');
  expect(made).toContain('<style>.x {}</style>');
  expect(made).toContain('<script>void 0;</script>');
});
