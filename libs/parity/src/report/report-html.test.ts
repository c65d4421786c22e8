import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { temporaryDirectory } from '@baton/testkit';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { diffRows } from './diff-rows.ts';
import { gridColumns } from './grid-columns.ts';
import { sideView } from './hunk-bytes.ts';
import { reportHtml } from './report-html.ts';
import {
  HOSTILE_TEXTS,
  hostileResult,
  largeResult,
  missingTail,
  mixedResult,
  plain,
  result,
  splitCharacter,
  verdict,
} from './test-results.ts';
import { writeReports } from './write-reports.ts';

/** The tags of a page with their attributes' names: what a browser makes elements of. */
function structure(markup: string): string[] {
  const body = markup.replace(/<(style|script)>[\s\S]*?<\/\1>/g, '');
  // Pieces of bytes are the one thing whose number the text decides.
  const tags = (body.match(/<[^>]*>/g) ?? []).map((tag) => tag.replace(/="[^"]*"/g, ''));
  return tags.filter((tag) => !/^<\/?(i|b|wbr|mark|u|br)\b/.test(tag));
}

describe('the page', () => {
  test('refers to nothing outside, and only to what is in it', () => {
    for (const page of [reportHtml(mixedResult()), reportHtml(largeResult(400), { limit: 400_000 })]) {
      expect(page).not.toMatch(/\ssrc=|\sstyle=|\son\w+=|https?:|url\(|@import|innerHTML/);
      const ids = new Set([...page.matchAll(/\sid="([^"]*)"/g)].map(([, id]) => id));
      const links = [...page.matchAll(/\shref="([^"]*)"/g)].map(([, link]) => link ?? '');
      expect(links.length).toBeGreaterThan(10);
      for (const link of links) expect(ids).toContain(link.replace(/^#/, ''));
      expect(ids.size).toBe([...page.matchAll(/\sid="/g)].length);
    }
  });

  test('is the same each time', () => {
    expect(reportHtml(mixedResult())).toBe(reportHtml(mixedResult()));
  });

  test('says in words what it says in colour', () => {
    const page = reportHtml(mixedResult());
    expect(page).toContain(
      '<td class="bad"><a href="#stream/split-euro~1"><span>✗</span> <small>diverged</small><small class="of"> stdout</small></a></td>',
    );
    expect(page).toContain(
      '<summary><strong>2 scenarios</strong> NEW merged 2 replacement characters into 1: run-collapsing UTF-8 replacement</summary>',
    );
    expect(page).toContain('<th scope="row">iso-local</th><td>stdout</td><td>30</td><td>780</td><td>10</td>');
    expect(page).toContain('interpreter traceback, issue 217');
    expect(page).toContain(`sha256:${'b2'.repeat(32)}`);
    expect(page).toContain('T2: the clock was real, and stamps were validated');
  });

  test('without scenarios it says that nothing is proved', () => {
    expect(reportHtml(result([], { exitCode: 3 }))).toContain('No scenario was run, so nothing is proved.');
  });

  test('stays below its limit, and says what it left out', () => {
    expect(reportHtml(largeResult())).not.toContain('Left out');
    for (const limit of [200_000, 400_000]) {
      const page = reportHtml(largeResult(1_000), { limit });
      expect(Buffer.byteLength(page)).toBeLessThan(limit);
      expect(page).toMatch(/Left out[\s\S]*\d+ scenarios not at all/);
    }
    const many = Array.from({ length: 300 }, () => splitCharacter());
    const huge = result(Array.from({ length: 200 }, (_, i) => verdict(`a/${i}`, { divergences: many })));
    const page = reportHtml(huge);
    expect(Buffer.byteLength(page)).toBeLessThan(5_000_000);
    expect(page).toContain('and 270 more in this scenario');
  });

  test('hostile text never becomes structure', () => {
    const expected = structure(reportHtml(hostileResult('x/y')));
    const hostile = fc.oneof(
      fc.constantFrom(...HOSTILE_TEXTS),
      fc.string({ unit: 'binary', minLength: 1, maxLength: 12 }),
    );
    fc.assert(
      fc.property(hostile, (text) => {
        // Slashes decide about suites, line ends about lines of a hunk.
        const page = reportHtml(hostileResult(`x/${text.replaceAll('/', '').replaceAll('\n', '')}`));
        expect(structure(page)).toEqual(expected);
        expect(page).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e]/);
        expect(page.isWellFormed()).toBe(true);
      }),
      { numRuns: 60 },
    );
  });
});

describe('rows of a hunk', () => {
  test('tokens of equal rows are marked as valid, and what differs is marked to the byte', () => {
    const { rows, left } = diffRows(splitCharacter());
    expect(left).toBe(0);
    expect(rows.map(({ kind }) => kind)).toEqual(['same', 'same', 'changed', 'same']);
    expect(rows[0]?.old?.marks).toEqual([
      {
        from: 5,
        to: 31,
        kind: 'token',
        title: 'token, OLD 2026-05-02T21:51:23.456789, NEW 2026-05-02T21:51:24.000001: valid',
      },
    ]);
    expect(rows[2]?.old?.marks?.[1]).toEqual({ from: 36, to: 39, kind: 'differs' });
    expect(rows[2]?.new?.marks?.[1]).toEqual({ from: 36, to: 36, kind: 'differs' });
    expect(rows[3]?.old?.marks).toBeUndefined();
  });

  test('a token that is the divergence is marked as what differs', () => {
    const rows = [
      { kind: 'old' as const, old: Buffer.from('2026-05-02T21:51:23 x\n') },
      { kind: 'new' as const, new: Buffer.from('2026-05-02T21:51:23.000000 x\n') },
    ];
    const drawn = diffRows({ ...missingTail(), kind: 'token-format', hunk: { oldStart: 1, newStart: 1, rows } }).rows;
    expect(drawn[0]?.new?.marks).toEqual([{ from: 19, to: 26, kind: 'differs' }]);
  });

  test('a crash report is one row of several lines, and the lines behind it have their numbers', () => {
    const rows = [
      { kind: 'old' as const, old: Buffer.from('Traceback\n  File\nValueError: x\n') },
      { kind: 'new' as const, new: Buffer.from('Error: x\n') },
      { kind: 'same' as const, old: Buffer.from('end'), new: Buffer.from('end') },
    ];
    const divergence = {
      ...missingTail(),
      old: { offset: 12, line: 2, column: 3 },
      hunk: { oldStart: 1, newStart: 1, rows },
    };
    const drawn = diffRows(divergence).rows;
    expect(drawn.map(({ old: one, new: other }) => [one?.line, other?.line])).toEqual([
      [1, 1],
      [4, 2],
    ]);
    const view = sideView(divergence, 'old', { before: 4, after: 4 });
    expect(view?.bytes.toString()).toBe('  File\n');
    expect(view?.around.toString()).toBe('k\n  File');
    expect(view?.offset).toBe(8);
  });

  test('long lines and long hunks are cut around what differs', () => {
    const lead = Buffer.alloc(100_000, 'x');
    const rows = [
      ...Array.from({ length: 300 }, () => ({
        kind: 'same' as const,
        old: Buffer.from('a\n'),
        new: Buffer.from('a\n'),
      })),
      { kind: 'old' as const, old: Buffer.concat([lead, Buffer.from('€ OLD'), lead]) },
      { kind: 'new' as const, new: Buffer.concat([lead, Buffer.from('€ NEW'), lead]) },
    ];
    const position = { offset: 0, line: 301, column: 100_001 };
    const { rows: drawn, left } = diffRows({
      ...missingTail(),
      old: position,
      new: position,
      hunk: { oldStart: 1, newStart: 1, rows },
    });
    expect(drawn).toHaveLength(80);
    expect(left).toBe(221);
    const changed = drawn.find(({ kind }) => kind === 'changed');
    expect(changed?.old?.line).toBe(301);
    expect(changed?.old?.bytes.length).toBe(600);
    expect((changed?.old?.cutBefore ?? 0) + 600 + (changed?.old?.cutAfter ?? 0)).toBe(200_007);
    const [mark] = changed?.old?.marks ?? [];
    expect(Buffer.from(changed?.old?.bytes.subarray(mark?.from, mark?.to) ?? []).toString()).toBe('OLD');
  });
});

test('columns of the grid are few, however many files there are', () => {
  const files = Array.from({ length: 50 }, (_, i) => plain('bytes', `host:/etc/skyhook/dir-${i}/file`));
  const all = [
    ...files,
    plain('exit', 'run2/exit'),
    plain('bytes', 'run1/stdout'),
    plain('stray-process', 'leftovers'),
  ];
  const { names, columnOf } = gridColumns([verdict('a/b', { divergences: all })]);
  expect(names).toEqual(['stdout', 'stderr', 'exit', 'host files', 'host:/etc/skyhook', 'leftovers']);
  expect(columnOf('host:/etc/skyhook/dir-1/file')).toBe('host:/etc/skyhook');
});

describe('writing', () => {
  test('writes three files, and gives the summary to the job', async () => {
    const directory = temporaryDirectory('reports');
    const step = join(directory, 'step');
    await writeFile(step, 'before\n');
    const paths = await writeReports(mixedResult(), {
      directory: join(directory, 'dist/parity'),
      env: { GITHUB_STEP_SUMMARY: step },
    });
    expect(paths).toEqual(
      ['report.html', 'junit.xml', 'summary.md'].map((name) => join(directory, 'dist/parity', name)),
    );
    for (const path of paths) expect((await readFile(path)).length).toBeGreaterThan(100);
    expect(await readFile(step, 'utf8')).toMatch(/^before\n## ✗ Parity of agent/);
  });

  test('what other commands of the step have written counts against the limit', async () => {
    const directory = temporaryDirectory('reports');
    const step = join(directory, 'step');
    await writeFile(step, Buffer.alloc(1024 * 1024 - 4_000, 'x'));
    await writeReports(largeResult(), { directory, env: { GITHUB_STEP_SUMMARY: step } });
    const size = (await readFile(step)).length;
    expect(size).toBeGreaterThan(1024 * 1024 - 4_000);
    expect(size).toBeLessThanOrEqual(1024 * 1024);
  });
});
