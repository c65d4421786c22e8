import { describe, expect, test } from 'vitest';
import type { DiffHunk } from '../model/plan.ts';
import { hunkRows } from './html-edits.ts';
import { reportPlanHtml } from './report-html.ts';
import { edit, examplePlan, HOSTILE_TEXTS, hostilePlan, largePlan, readyPlan } from './test-plans.ts';

/** The tags of a page with their attributes' names: what a browser makes elements of. */
function structure(markup: string): string[] {
  const body = markup.replace(/<(style|script)>[\s\S]*?<\/\1>/g, '');
  const tags = (body.match(/<[^>]*>/g) ?? []).map((tag) => tag.replace(/="[^"]*"/g, ''));
  // Pieces of bytes, and lines, are the two things whose number the text decides.
  return tags.filter((tag) => !/^<\/?(i|b|wbr|mark|u|br|p)\b/.test(tag));
}

describe('the page', () => {
  test('refers to nothing outside, and is the same each time', () => {
    const page = reportPlanHtml(examplePlan());
    expect(page).not.toMatch(/\ssrc=|\sstyle=|\son\w+=|https?:|url\(|@import|innerHTML/);
    expect(reportPlanHtml(examplePlan())).toBe(page);
  });

  test('has the layout before and after, in words', () => {
    const page = reportPlanHtml(examplePlan());
    const [, before = '', after = ''] = page.split('<section aria-label="');
    const rows = (text: string) =>
      [...text.matchAll(/<span class="word">(\w+)<\/span> <code>([^<]*)<\/code> ([^<]*)/g)].map(([, ...row]) =>
        row
          .map((part) => part.trim())
          .join(' | ')
          .trim(),
      );
    expect(rows(before)).toEqual([
      'replaced | pump/Makefile |',
      'moved | pump/next/Makefile | → pump/Makefile',
      'moved | pump/next/src | 600 files → pump/src',
      'deleted | pump/old | 41 files',
      'deleted | pump/setup.cfg |',
      'edited | z/last.md |',
    ]);
    expect(rows(after)).toEqual([
      'moved | pump/Makefile | from pump/next/Makefile, in place of what is replaced, edited +1 -1',
      'new | pump/NOTES |',
      'generated | pump/gen.txt |',
      'moved | pump/src | 600 files from pump/next/src',
      'edited | z/last.md | +1 -1',
    ]);
  });

  test('says its verdict, and the commit that it is about', () => {
    expect(reportPlanHtml(examplePlan())).toContain('<title>not acceptable: Cutover pump</title>');
    expect(reportPlanHtml(readyPlan())).toContain('<title>ready: Cutover pump</title>');
    const done = { commit: 'a'.repeat(40), why: 'trailer' as const };
    expect(reportPlanHtml(examplePlan({ alreadyDone: done }))).toContain('<title>done: Cutover pump</title>');
    expect(reportPlanHtml(readyPlan())).toContain('f'.repeat(40));
  });

  test('stays within bounds for hundreds of files and for one long diff', () => {
    expect(reportPlanHtml(largePlan(600)).length).toBeLessThan(2_000_000);
    const lines = Array.from({ length: 20_000 }, (_, index) => `+line ${index}`);
    const long = edit({ diff: [{ oldStart: 0, oldLines: 0, newStart: 1, newLines: 20_000, lines }] });
    const page = reportPlanHtml(examplePlan({ edits: [long] }));
    expect(page).toContain('And 19400 more lines of a.');
    expect(page.length).toBeLessThan(400_000);
  });

  test.each(HOSTILE_TEXTS)('makes no element of data: %j', (text) => {
    const page = reportPlanHtml(hostilePlan(text));
    expect(structure(page)).toEqual(structure(reportPlanHtml(hostilePlan('plain'))));
    expect(page).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202e]/);
  });
});

describe('lines beside each other', () => {
  const kinds = (lines: string[]) => {
    const hunk: DiffHunk = { oldStart: 10, oldLines: 9, newStart: 20, newLines: 9, lines };
    return hunkRows(hunk).map((row) => [
      row.kind,
      row.old === undefined ? '' : `${row.old.line} ${Buffer.from(row.old.bytes).toString()}`,
      row.new === undefined ? '' : `${row.new.line} ${Buffer.from(row.new.bytes).toString()}`,
    ]);
  };

  test('a run of removed lines stands beside the added ones that follow', () => {
    expect(kinds([' a', '-b', '-c', '+B', ' d', '+e', '-f', '+F'])).toEqual([
      ['same', '10 a', '20 a'],
      ['changed', '11 b', '21 B'],
      ['old', '12 c', ''],
      ['same', '13 d', '22 d'],
      ['new', '', '23 e'],
      ['changed', '14 f', '24 F'],
    ]);
  });

  test('a missing end of line is no line of its own', () => {
    expect(kinds(['-a', '\\ No newline at end of file', '+a'])).toEqual([['changed', '10 a', '20 a']]);
  });
});
