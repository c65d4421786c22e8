import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type BrowserView,
  needs,
  startBrowser,
  type TestBrowser,
  type TestPage,
  temporaryDirectory,
} from '@baton/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { reportHtml } from './report-html.ts';
import { HOSTILE_TEXTS, hostileResult, largeResult, mixedResult } from './test-results.ts';

/** Text whose contrast to its ground is less than 4.5 (WCAG 2, AA), with the colours. */
const FAINT = `(() => {
  const canvas = new OffscreenCanvas(1, 1).getContext('2d', { willReadFrequently: true });
  const paint = (colors) => {
    canvas.clearRect(0, 0, 1, 1);
    for (const color of colors) { canvas.fillStyle = color; canvas.fillRect(0, 0, 1, 1); }
    return [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3);
  };
  const light = (rgb) => {
    const [r, g, b] = rgb.map((c) => c / 255).map((c) => (c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const faint = new Set();
  for (const element of document.querySelectorAll('body *')) {
    const own = [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim() !== '');
    if (!own || element.closest('i, title, script, style, option') || !element.checkVisibility()) continue;
    const grounds = [];
    for (let e = element; e !== null; e = e.parentElement) grounds.unshift(getComputedStyle(e).backgroundColor);
    const style = getComputedStyle(element);
    const color = element instanceof SVGElement ? style.fill : style.color;
    const ground = paint(grounds);
    const [a, b] = [light(paint([...grounds, color])), light(ground)].sort((x, y) => y - x);
    const ratio = (a + 0.05) / (b + 0.05);
    if (ratio < 4.5) faint.add(element.localName + '.' + element.className + ' ' + ratio.toFixed(2) + ' ' + color + ' on ' + ground);
  }
  return [...faint];
})()`;
/** Elements that reach out of the page on the right, and pieces of text on each other in the pictures. */
const OVER = `(() => {
  const out = [];
  const width = document.documentElement.clientWidth;
  for (const element of document.querySelectorAll('main *')) {
    if (!element.checkVisibility() || element.closest('svg, pre')) continue;
    if (element.getBoundingClientRect().right > width + 1) out.push(element.localName + '.' + element.className);
  }
  for (const svg of document.querySelectorAll('.timeline > svg')) {
    const boxes = [...svg.querySelectorAll('text')].map((text) => text.getBoundingClientRect());
    for (const [i, a] of boxes.entries()) for (const b of boxes.slice(i + 1)) {
      if (a.left < b.right && b.left < a.right && a.top < b.bottom - 1 && b.top < a.bottom - 1) out.push('text on text');
    }
  }
  return [...new Set(out), document.scrollingElement.scrollWidth > width ? 'the page scrolls' : ''].filter(Boolean);
})()`;
const SEEN = `[...document.querySelectorAll('.scenario:not([hidden])')].map((one) => one.dataset.scenario)`;

needs('chromium').describe('the page in a browser', () => {
  let browser: TestBrowser;
  beforeAll(async () => {
    browser = await startBrowser();
  }, 60_000);
  afterAll(() => browser?.close());

  async function open(page: string, view?: BrowserView): Promise<TestPage> {
    const path = join(temporaryDirectory('page'), 'report.html');
    await writeFile(path, page);
    return browser.open(path, view);
  }
  const choose = (page: TestPage, name: string, value: string): Promise<unknown> =>
    page.evaluate(`{
      const field = document.querySelector('#filters [name=${name}]');
      field.value = [...field.options ?? []].find((option) => option.text === ${JSON.stringify(value)})?.value ?? ${JSON.stringify(value)};
      field.dispatchEvent(new Event('input', { bubbles: true }));
    }`);

  test.each([
    { width: 1280, dark: false },
    { width: 1280, dark: true },
    { width: 390, dark: false },
    { width: 390, dark: true },
  ])('is quiet, readable and no wider than the window: %o', async (view) => {
    const page = await open(reportHtml(mixedResult()), view);
    expect(page.problems()).toEqual([]);
    expect(page.requests()).toHaveLength(1);
    expect(await page.evaluate(FAINT)).toEqual([]);
    expect(await page.evaluate(OVER)).toEqual([]);
    await page.evaluate(`document.querySelector('[name=hex]').click()`);
    expect(await page.evaluate(FAINT)).toEqual([]);
    expect(await page.evaluate(OVER)).toEqual([]);
    expect(await page.evaluate(`getComputedStyle(document.body).backgroundColor`)).toBe(
      view.dark ? 'rgb(20, 23, 27)' : 'rgb(255, 255, 255)',
    );
  }, 60_000);

  test('filters by state, suite, channel, kind, cause and text, and shows all again', async () => {
    const page = await open(reportHtml(mixedResult()));
    expect(await page.evaluate(SEEN)).toHaveLength(10);
    await choose(page, 'state', 'undetermined');
    expect(await page.evaluate(SEEN)).toEqual(['zz/noisy']);
    expect(await page.evaluate(`document.querySelector('#filters output').textContent`)).toBe('1 of 10 scenarios');
    await page.evaluate(`document.querySelector('#filters [type=reset]').click()`);
    await expect.poll(() => page.evaluate(SEEN)).toHaveLength(10);
    await choose(page, 'suite', 'stream');
    expect(await page.evaluate(SEEN)).toHaveLength(4);
    await choose(page, 'kind', 'mode');
    expect(await page.evaluate(SEEN)).toEqual(['stream/split-euro']);
    expect(
      await page.evaluate(
        `[...document.querySelectorAll('article.finding')].filter((one) => one.checkVisibility()).map((one) => one.id)`,
      ),
    ).toEqual(['stream/split-euro~2']);
    expect(
      await page.evaluate(`[...document.querySelectorAll('.grid tr')].filter((row) => row.checkVisibility()).length`),
    ).toBe(3);
    await page.evaluate(`document.querySelector('#filters [type=reset]').click()`);
    await expect.poll(() => page.evaluate(SEEN)).toHaveLength(10);
    await choose(page, 'column', 'stderr');
    expect(await page.evaluate(SEEN)).toEqual(['stream/split-two']);
    await choose(page, 'column', '');
    await choose(page, 'text', 'DANGLING prefix');
    expect(await page.evaluate(SEEN)).toEqual(['stream/missing-tail']);
    await page.evaluate(`document.querySelector('[data-only-cause="0"]').click()`);
    await expect.poll(() => page.evaluate(SEEN)).toEqual(['stream/split-euro', 'stream/split-two']);
    expect(page.problems()).toEqual([]);
  }, 60_000);

  test('a divergence is reached with the keyboard alone', async () => {
    const page = await open(reportHtml(mixedResult()));
    const focused = (): Promise<string> =>
      page.evaluate<string>(`document.activeElement.getAttribute('href') ?? document.activeElement.id`);
    for (let i = 0; i < 60 && !(await focused()).startsWith('#banner'); i += 1) await page.press('Tab');
    expect(await focused()).toBe('#banner/all-env-set');
    for (let i = 0; i < 5; i += 1) await page.press('ArrowDown');
    expect(await focused()).toBe('#stream/split-euro');
    await page.press('ArrowRight');
    expect(await focused()).toBe('#stream/split-euro~1');
    expect(await page.evaluate(`getComputedStyle(document.activeElement).outlineStyle`)).toBe('solid');
    await page.press('Enter');
    await expect.poll(focused).toBe('stream/split-euro~1');
    await expect
      .poll(() =>
        page.evaluate(`(({ top }) => top >= 0 && top < innerHeight)(document.activeElement.getBoundingClientRect())`),
      )
      .toBe(true);
    // Into the choice between text and hexadecimal numbers, and over to the second one.
    await page.press('Tab');
    await page.press('ArrowRight');
    expect(await page.evaluate(`document.activeElement.value`)).toBe('hex');
    expect(await page.evaluate(`document.querySelector('.hunk:has(:focus) .as-hex').checkVisibility()`)).toBe(true);
    await page.press('/');
    expect(await page.evaluate(`document.activeElement.name`)).toBe('text');
  }, 60_000);

  test('a link opens what it leads to, also when it is filtered away', async () => {
    const page = await open(reportHtml(mixedResult()));
    await choose(page, 'state', 'diverged');
    await page.evaluate(`location.hash = 'banner/all-env-set'`);
    await expect.poll(() => page.evaluate(`document.activeElement.id`)).toBe('banner/all-env-set');
    expect(await page.evaluate(`document.activeElement.parentElement.open`)).toBe(true);
    expect(await page.evaluate(SEEN)).toHaveLength(10);
  }, 60_000);

  test('reads without script', async () => {
    const page = await open(reportHtml(mixedResult()), { script: false });
    expect(await page.evaluate(`document.getElementById('filters').checkVisibility()`)).toBe(false);
    expect(await page.evaluate(`[...document.querySelectorAll('.scenario[open]')].length`)).toBe(7);
    expect(await page.evaluate(`document.querySelector('.diff').checkVisibility()`)).toBe(true);
    expect(await page.evaluate(OVER)).toEqual([]);
    expect(page.problems()).toEqual([]);
  }, 60_000);

  test('runs no script that came with the data', async () => {
    for (const text of HOSTILE_TEXTS) {
      const page = await open(reportHtml(hostileResult(text)));
      expect(page.problems()).toEqual([]);
      expect(page.requests()).toHaveLength(1);
      expect(await page.evaluate(`document.title`)).not.toBe('owned');
      expect(await page.evaluate(`document.images.length`)).toBe(0);
      expect(await page.evaluate(`document.scripts.length`)).toBe(2);
    }
    const planted = reportHtml(mixedResult()).replace('</main>', '<script>document.title = "owned"</script></main>');
    const page = await open(planted);
    expect(await page.evaluate(`document.title`)).not.toBe('owned');
    expect(page.problems().join()).toMatch(/Content Security Policy/);
  }, 120_000);

  test('is still usable with 174 scenarios, and with as many as fit', async () => {
    for (const result of [largeResult(), largeResult(3_000)]) {
      const page = await open(reportHtml(result), { width: 390 });
      expect(page.problems()).toEqual([]);
      await choose(page, 'kind', 'bytes');
      expect(await page.evaluate<string[]>(SEEN)).not.toHaveLength(0);
      expect(await page.evaluate(`document.scrollingElement.scrollWidth <= document.documentElement.clientWidth`)).toBe(
        true,
      );
    }
  }, 120_000);
});
