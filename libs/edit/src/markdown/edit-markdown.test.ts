import { describe, expect, test } from 'vitest';
import { randomFrom } from '../data/random.fixture.ts';
import { repositoryFiles } from '../data/repository-files.fixture.ts';
import { choose } from '../json/odd-json.fixture.ts';
import { applySplices, type Edit } from '../splice.ts';
import { editMdBullet } from './edit-md-bullet.ts';
import { editMdFence } from './edit-md-fence.ts';
import { editMdRow } from './edit-md-row.ts';
import { editMdSection } from './edit-md-section.ts';
import { sectionsOf } from './find-section.ts';
import { oddMarkdown } from './odd-markdown.fixture.ts';
import { nodesOf, parseMarkdown } from './parse-markdown.ts';

const FILES = Array.from({ length: 390 }, (_, seed) => ({ seed, file: oddMarkdown(seed + 3) }));

/** Reading Markdown is slow: each kind of edit takes a third of the files, and together they take all. */
function third(remainder: number) {
  return FILES.filter(({ seed }) => seed % 3 === remainder);
}

function run<Operation>(
  editor: (bytes: Uint8Array, operation: Operation) => Edit,
  text: string,
  operation: Operation,
): string {
  const bytes = Buffer.from(text);
  return applySplices(bytes, editor(bytes, operation).splices).toString();
}

describe('Markdown with odd formatting', () => {
  test('headings, items, rows and fences are found where they were written', () => {
    for (const { seed, file } of FILES) {
      const document = parseMarkdown(file.text);
      expect({ seed, titles: sectionsOf(document).map(({ title }) => title) }).toEqual({
        seed,
        titles: file.headings.map(({ title }) => title),
      });
      expect(
        nodesOf(document.root, 'table')
          .flatMap(({ children }) => children.slice(1))
          .flatMap(({ children }) => children),
      ).toHaveLength(file.rows.length);
    }
  });

  test('a section that is renamed and named back leaves the same bytes', () => {
    for (const { seed, file } of third(0)) {
      const heading = choose(file.headings, randomFrom(seed));
      if (heading === undefined) continue;
      const section = sectionsOf(parseMarkdown(file.text)).find(({ title }) => title === heading.title);
      const nodes = section?.heading.children ?? [];
      const source = file.text.slice(nodes[0]?.start, nodes.at(-1)?.end);
      const renamed = run(editMdSection, file.text, { heading: heading.title, rename: 'A much longer title, é' });
      expect(renamed).toContain('A much longer title, é');
      expect(run(editMdSection, renamed, { heading: heading.title, rename: 'A much longer title, é' })).toBe(renamed);
      expect({
        seed,
        text: run(editMdSection, renamed, { heading: 'A much longer title, é', rename: source }),
      }).toEqual({ seed, text: file.text });
    }
  });

  test('a text that is appended to a section is there once, and all else as it was', () => {
    for (const { seed, file } of third(1)) {
      const heading = choose(file.headings, randomFrom(seed));
      if (heading === undefined) continue;
      const appended = run(editMdSection, file.text, {
        heading: heading.title,
        append: 'Appended *text*.\n\n- and a list',
      });
      expect({ seed, rest: appended.replace(/(?:\r?\n){1,2}Appended \*text\*\.\r?\n\r?\n- and a list/, '') }).toEqual({
        seed,
        rest: file.text,
      });
      expect(run(editMdSection, appended, { heading: heading.title, append: 'Appended *text*.\n\n- and a list' })).toBe(
        appended,
      );
    }
  });

  test('a removed section takes its part of the text and nothing else', () => {
    for (const { seed, file } of third(2)) {
      const heading = choose(file.headings, randomFrom(seed));
      if (heading === undefined) continue;
      const before = sectionsOf(parseMarkdown(file.text));
      const section = before.find(({ title }) => title === heading.title);
      if (section === undefined) throw new Error('not found');
      const removed = run(editMdSection, file.text, { heading: heading.title, remove: true });
      const kept = before
        .filter(({ start }) => start < section.start || start >= section.end)
        .map(({ title }) => title);
      expect({ seed, titles: sectionsOf(parseMarkdown(removed)).map(({ title }) => title) }).toEqual({
        seed,
        titles: kept,
      });
      expect(removed.startsWith(file.text.slice(0, section.start).trimEnd())).toBe(true);
      expect(removed.endsWith(file.text.slice(section.end).trimStart())).toBe(true);
    }
  });

  test.each(['before', 'after'] as const)('an item put %s another and removed leaves the same bytes', (side) => {
    for (const { seed, file } of third(0)) {
      const bullet = choose(file.bullets, randomFrom(seed));
      if (bullet === undefined) continue;
      const operation = { match: bullet.word, [side]: 'fresh item\nin two lines' };
      const added = run(editMdBullet, file.text, operation);
      expect(added).toContain('fresh item');
      expect({ seed, text: run(editMdBullet, added, operation) }).toEqual({ seed, text: added });
      expect({ seed, text: run(editMdBullet, added, { match: 'fresh item', remove: true }) }).toEqual({
        seed,
        text: file.text,
      });
    }
  });

  test('a replaced item is one item still, and replacing it by itself changes nothing', () => {
    for (const { seed, file } of third(1)) {
      const bullet = choose(file.bullets, randomFrom(seed));
      if (bullet === undefined) continue;
      const operation = { match: bullet.word, replace: '- the **new** text\n\n  with a paragraph' };
      const replaced = run(editMdBullet, file.text, operation);
      expect(run(editMdBullet, replaced, operation)).toBe(replaced);
      expect(replaced.includes(bullet.word)).toBe(false);
      expect(nodesOf(parseMarkdown(replaced).root, 'heading')).toHaveLength(
        nodesOf(parseMarkdown(file.text).root, 'heading').length,
      );
    }
  });

  test('a cell that is set and set back leaves the same bytes', () => {
    for (const { seed, file } of third(2)) {
      const row = choose(file.rows, randomFrom(seed));
      if (row === undefined) continue;
      for (const text of ['x', 'a much longer text than any of the column']) {
        const set = run(editMdRow, file.text, { match: row.word, set: { [row.column]: text } });
        expect(set).toContain(text);
        expect({ seed, text: run(editMdRow, set, { match: text, set: { [row.column]: row.value } }) }).toEqual({
          seed,
          text: file.text,
        });
      }
    }
  });

  test('a row that is put in and removed leaves the same bytes', () => {
    for (const { seed, file } of third(0)) {
      const row = choose(file.rows, randomFrom(seed));
      if (row === undefined) continue;
      const operation = { match: row.word, after: ['fresh', 'a|b'] };
      const added = run(editMdRow, file.text, operation);
      expect({ seed, text: run(editMdRow, added, operation) }).toEqual({ seed, text: added });
      expect({ seed, text: run(editMdRow, added, { match: 'fresh', remove: true }) }).toEqual({
        seed,
        text: file.text,
      });
    }
  });

  test('the inside of a fence that is changed and changed back leaves the same bytes', () => {
    for (const { seed, file } of third(1)) {
      const fence = choose(file.fences, randomFrom(seed));
      if (fence === undefined) continue;
      const find = `run ${fence.word}`;
      const changed = run(editMdFence, file.text, {
        match: fence.word,
        ops: [{ replace: { find, with: `cd agent\n${find} fresh` } }],
      });
      expect(changed).toContain('cd agent');
      const back = { match: fence.word, ops: [{ replace: { find: `cd agent\n${find} fresh`, with: find } }] };
      expect({ seed, text: run(editMdFence, changed, back) }).toEqual({ seed, text: file.text });
      const replaced = run(editMdFence, file.text, { match: fence.word, replace: 'one\n\nthree' });
      expect(run(editMdFence, replaced, { match: fence.word, replace: 'one\n\nthree' })).toBe(replaced);
    }
  });
});

test('every Markdown file of this repository keeps its bytes when a heading is renamed and named back', () => {
  const pages = repositoryFiles('.md');
  expect(pages.length).toBeGreaterThan(10);
  for (const { path, bytes } of pages) {
    const text = bytes.toString();
    const sections = sectionsOf(parseMarkdown(text));
    const unique = sections.filter(({ title }) => sections.filter((other) => other.title === title).length === 1);
    for (const { title, heading } of unique.slice(0, 1)) {
      const source = text.slice(heading.children[0]?.start, heading.children.at(-1)?.end);
      const renamed = run(editMdSection, text, { heading: title, rename: 'Fresh title' });
      expect({ path, text: run(editMdSection, renamed, { heading: 'Fresh title', rename: source }) }).toEqual({
        path,
        text,
      });
    }
  }
});
