import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openObjectStore } from '@baton/git';
import {
  type BrowserView,
  cutoverExample,
  needs,
  startBrowser,
  type TestBrowser,
  type TestPage,
  temporaryDirectory,
} from '@baton/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { planCutover } from '../engine/plan-cutover.ts';
import { loadCutover } from '../manifest/load-cutover.ts';
import { reportPlanHtml } from './report-html.ts';
import { examplePlan, HOSTILE_TEXTS, hostilePlan, largePlan } from './test-plans.ts';

/** Elements that reach out of the page on the right. */
const OVER = `(() => {
  const out = [];
  const width = document.documentElement.clientWidth;
  for (const element of document.querySelectorAll('main *')) {
    if (!element.checkVisibility() || element.closest('pre')) continue;
    if (element.getBoundingClientRect().right > width + 1) out.push(element.localName + '.' + element.className);
  }
  return [...new Set(out), document.scrollingElement.scrollWidth > width ? 'the page scrolls' : ''].filter(Boolean);
})()`;

/** Text whose contrast to its ground is less than 4.5 (WCAG 2, AA). */
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
    if (!own || element.closest('i, title, script, style') || !element.checkVisibility()) continue;
    const grounds = [];
    for (let e = element; e !== null; e = e.parentElement) grounds.unshift(getComputedStyle(e).backgroundColor);
    const [a, b] = [light(paint([...grounds, getComputedStyle(element).color])), light(paint(grounds))].sort((x, y) => y - x);
    if ((a + 0.05) / (b + 0.05) < 4.5) faint.add(element.localName + '.' + element.className);
  }
  return [...faint];
})()`;

needs('chromium').describe('the page in a browser', () => {
  let browser: TestBrowser;
  let example: string;
  beforeAll(async () => {
    browser = await startBrowser();
    const { dir } = await cutoverExample();
    const store = await openObjectStore(dir);
    const cutover = await loadCutover(join(dir, 'cutover.yaml'));
    const manifest = { ...cutover.manifest, accept: cutover.manifest.accept.filter(({ id }) => id !== 'builds') };
    example = reportPlanHtml(await planCutover({ store, cutover: { ...cutover, manifest }, base: 'main' }));
    await store.close();
  }, 120_000);
  afterAll(() => browser?.close());

  async function open(page: string, view?: BrowserView): Promise<TestPage> {
    const path = join(temporaryDirectory('page'), 'plan.html');
    await writeFile(path, page);
    return browser.open(path, view);
  }

  test.each([
    { width: 1280, dark: false },
    { width: 1280, dark: true },
    { width: 390, dark: false },
    { width: 390, dark: true },
  ])('is quiet, readable and no wider than the window: %o', async (view) => {
    for (const [name, html] of [
      ['example', example],
      ['mixed', reportPlanHtml(examplePlan())],
    ] as const) {
      const page = await open(html, view);
      expect(page.problems()).toEqual([]);
      expect(page.requests()).toHaveLength(1);
      expect(await page.evaluate(OVER)).toEqual([]);
      expect(await page.evaluate(FAINT)).toEqual([]);
      const pictures = process.env.BATON_TEST_PICTURES;
      if (pictures !== undefined) {
        await mkdir(pictures, { recursive: true });
        const file = `${name}-${view.width}-${view.dark ? 'dark' : 'light'}.png`;
        await writeFile(join(pictures, file), await page.screenshot(true));
      }
    }
  }, 60_000);

  test('before and after stand side by side, and on a phone below each other', async () => {
    const tops = `[...document.querySelectorAll('.layout > section')].map((one) => Math.round(one.getBoundingClientRect().top))`;
    const wide = await (await open(example, { width: 1280 })).evaluate<number[]>(tops);
    expect(wide[0]).toBe(wide[1]);
    const narrow = await (await open(example, { width: 390 })).evaluate<number[]>(tops);
    expect(narrow[1]).toBeGreaterThan(narrow[0] ?? 0);
  }, 60_000);

  test('reads without script', async () => {
    const page = await open(example, { script: false });
    expect(await page.evaluate(`document.querySelector('.diff').checkVisibility()`)).toBe(true);
    expect(page.problems()).toEqual([]);
  }, 60_000);

  test('runs nothing and loads nothing that came with the data', async () => {
    for (const text of HOSTILE_TEXTS) {
      const page = await open(reportPlanHtml(hostilePlan(text)), { width: 390 });
      expect(page.problems()).toEqual([]);
      expect(page.requests()).toHaveLength(1);
      expect(await page.evaluate(`document.title`)).not.toBe('owned');
      expect(await page.evaluate(`document.images.length`)).toBe(0);
      expect(await page.evaluate(OVER)).toEqual([]);
    }
  }, 120_000);

  test('is still no wider than a phone with hundreds of files', async () => {
    const page = await open(reportPlanHtml(largePlan(600)), { width: 390 });
    expect(page.problems()).toEqual([]);
    expect(await page.evaluate(`document.scrollingElement.scrollWidth <= document.documentElement.clientWidth`)).toBe(
      true,
    );
  }, 60_000);
});
