import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runProcess, toolEnv } from '@baton/kernel';
import { findProgram, needs, temporaryDirectory } from '@baton/testkit';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { htmlPage } from './html-page.ts';
import { htmlFacts, htmlOutput, htmlSection, htmlTable, htmlText, htmlTree } from './html-parts.ts';
import { html, markupOf } from './html-text.ts';
import { table } from './table.ts';
import { tree } from './tree.ts';

/** A page with every part, and the same text in every place that takes text. */
function page(text: string): string {
  const rows = Array.from({ length: 8 }, (_, i) => ({
    state: i % 2 === 0 ? ('good' as const) : ('bad' as const),
    word: text,
    cells: [text, text, text],
  }));
  return htmlPage({
    title: text,
    kind: text,
    verdict: { state: 'open', word: text, text },
    parts: [
      htmlSection(text, htmlFacts([[text, text]]), htmlText(text, [text])),
      htmlSection(text, htmlTable([text, text, text], rows)),
      htmlSection(text, htmlTree([{ label: text, children: [{ label: text }] }]), htmlOutput(text, `${text}\n${text}`)),
    ],
  });
}

/** The tags of a page with their attributes' names: what a browser makes elements of. */
function structure(markup: string): string[] {
  return (markup.match(/<[^>]*>/g) ?? []).map((tag) => tag.replace(/="[^"]*"/g, ''));
}

const HOSTILE = [
  '<script>alert(1)</script>',
  '"><img src=x onerror=alert(1)>',
  "' onfocus='x",
  '</style></title></pre></details>',
  '<!--',
  ']]>',
  '&lt;b&gt;',
  '&#x3c;',
  '\u202egnp.exe',
  '\u2066\u200f\u061c',
  '\u001b[2J\u001b]0;title\u0007',
  '\u0000\u0085\u2028',
  '\ud800',
  'a\tb\r\nc',
];
const hostile = fc
  .array(fc.oneof(fc.constantFrom(...HOSTILE), fc.string({ unit: 'binary' })), { minLength: 1, maxLength: 5 })
  .map((parts) => parts.join(''));
const DANGEROUS = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/;

describe('hostile text', () => {
  test('never becomes structure of a page', () => {
    const expected = structure(page('x'));
    fc.assert(
      fc.property(hostile, (text) => {
        const made = page(text);
        // Lines of output are the one thing that text decides.
        expect(structure(made)).toEqual(expected);
        expect(made).not.toMatch(DANGEROUS);
        expect(made.isWellFormed()).toBe(true);
      }),
    );
  });

  test('never becomes structure of a tree or a table on a terminal', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const drawn = `${tree({ label: text, children: [{ label: text }] })}\n${table([[text, text]])}`;
        expect(drawn.split('\n')).toHaveLength(3);
        expect(drawn).not.toMatch(DANGEROUS);
      }),
    );
  });

  test('stays inside the quotes of an attribute', () => {
    expect(markupOf(html`<a title="${'" onclick="x'}">`)).toBe('<a title="&quot; onclick=&quot;x">');
  });

  test('is still there to be read', () => {
    expect(page('a<b>\u202e')).toContain('<h1>a&lt;b&gt;\\u202e</h1>');
  });
});

describe('the page', () => {
  test('allows its own style and script, and nothing else', () => {
    const made = page('x');
    const policy = /Content-Security-Policy" content="([^"]*)"/.exec(made)?.[1] ?? '';
    const hash = (text: string): string => `&#39;sha256-${createHash('sha256').update(text).digest('base64')}&#39;`;
    const inside = (tag: string): string => new RegExp(`<${tag}>(.*)</${tag}>`, 's').exec(made)?.[1] ?? '';
    expect(policy.split('; ')).toEqual([
      'default-src &#39;none&#39;',
      `style-src ${hash(inside('style'))}`,
      `script-src ${hash(inside('script'))}`,
      'base-uri &#39;none&#39;',
      'form-action &#39;none&#39;',
    ]);
    expect(made).not.toMatch(/\ssrc=|\shref=|\sstyle=|\son\w+=|https?:|url\(|@import/);
  });

  test('has the same bytes each time', () => {
    expect(page('x')).toBe(page('x'));
  });
});

needs('chromium').describe('in a browser', () => {
  const LONG = `sha256:${'0123456789abcdef'.repeat(8)}/${'long'.repeat(60)}`;

  async function render(markup: string, width: number): Promise<{ dom: string; log: string }> {
    const dir = temporaryDirectory('page');
    const path = join(dir, 'page.html');
    await writeFile(path, markup);
    const flags = ['--headless=new', '--no-sandbox', '--disable-gpu', `--user-data-dir=${join(dir, 'profile')}`];
    const ran = await runProcess({
      command: findProgram('chromium') ?? 'chromium',
      args: [...flags, '--enable-logging=stderr', `--window-size=${width},900`, '--dump-dom', `file://${path}`],
      env: toolEnv({ HOME: dir }),
      timeout: 60_000,
    });
    return { dom: ran.stdout.toString('utf8'), log: ran.stderr.toString('utf8') };
  }

  test('its policy lets its own script run, and no other', async () => {
    const { dom, log } = await render(page('x'), 1280);
    expect(dom).toContain('aria-label="Filter the rows by text"');
    expect(dom).toContain('<output>8 of 8</output>');
    expect(log).not.toMatch(/Content Security Policy/);
    const other = await render(page('x').replace('</main>', '<script>document.title = "owned"</script></main>'), 1280);
    expect(other.dom).not.toContain('<title>owned');
    expect(other.log).toMatch(/Content Security Policy/);
  }, 120_000);

  test('390 pixels are enough, whatever stands in it', async () => {
    // The policy plays no part in how wide things are, and would forbid the measuring.
    const script =
      'const { scrollWidth, clientWidth } = document.scrollingElement; document.title = "over " + (scrollWidth - clientWidth);';
    const measured = page(LONG)
      .replace(/<meta http-equiv[^>]*>/, '')
      .replace('</body>', `<script>${script}</script></body>`);
    const frame = `<!doctype html><iframe width="390" height="800" style="border:0" srcdoc="${measured
      .replaceAll('&', '&amp;')
      .replaceAll('"', '&quot;')}" onload="document.title = this.contentDocument.title"></iframe>`;
    const { dom } = await render(frame, 1280);
    expect(/<title>([^<]*)</.exec(dom)?.[1]).toBe('over 0');
  }, 120_000);
});
