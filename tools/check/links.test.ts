import { temporaryDirectory, writeFiles } from '@baton/testkit';
import { expect, test } from 'vitest';
import { brokenLinks, links } from './links.ts';

test('finds links to files and headings that are not there', async () => {
  const root = temporaryDirectory();
  await writeFiles(root, {
    'docs/a.md': [
      '# A page: its `title`',
      '[self](#a-page-its-title) [other](b.md) [up](../README.md#what-it-is) [out](https://example.com) <img src="p.svg">',
      '```',
      '[code](nowhere.md)',
      '```',
      '[gone](c.md) [lost](b.md#none) <img src="q.svg">',
    ].join('\n'),
    'docs/b.md': '# B\n```\n# none\n```\n',
    'docs/p.svg': '',
    'README.md': '## What it is\n',
  });
  expect(await brokenLinks(root, 'docs/a.md')).toEqual([
    'docs/a.md links to c.md, and docs/c.md does not exist',
    'docs/a.md links to b.md#none, and docs/b.md has no such heading',
    'docs/a.md links to q.svg, and docs/q.svg does not exist',
  ]);
  expect((await links.run(root, false)).summary).toBe('3 pages');
});

test('a repository without pages is a problem', async () => {
  expect((await links.run(temporaryDirectory(), false)).problems).toEqual(['no page was looked at']);
});
