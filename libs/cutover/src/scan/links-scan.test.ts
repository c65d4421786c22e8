import { expect, test } from 'vitest';
import { runScans } from './run-scans.ts';
import { type TestCutover, testContext } from './test-context.ts';

async function links(
  cutover: TestCutover,
  settings: { in?: string; except?: { path: string; link: string; reason: string }[] } = {},
) {
  const [result] = await runScans(await testContext(cutover), [{ links: settings }]);
  if (result === undefined) throw new Error('no result');
  return result;
}

const shown = (result: Awaited<ReturnType<typeof links>>) =>
  result.findings.map(({ path, line, text, what }) => `${path}:${line} ${text} ${what}`);

const guide = [
  '# The Guide: part 1 & `two`',
  '',
  '[up](../LICENSE) ![icon](img/a%20b.png "t") [root](/agent/main.go) [self](#the-guide-part-1--two) [web](https://x.example/agent)',
  '[ref][lic] <a href="../README.md#setup">x</a> `[code](gone.md)`',
  '',
  '```md',
  '[fenced](gone.md)',
  '```',
  '',
  '[lic]: ../LICENSE',
  '## Again',
  '## Again',
  '[second](#again-1) [mail](mailto:a@b.example) [dir](img/) [line](../agent/main.go#L3)',
].join('\n');

const before = {
  'README.md': '# Readme\n## Setup\n',
  LICENSE: 'text',
  'docs/guide.md': guide,
  'docs/img/a b.png': 'png',
  'agent/main.go': 'package main',
  'agent/go/README.md': '[licence](../../LICENSE) [main](cmd/run.go)\n',
  'agent/go/cmd/run.go': 'package main',
};

test('links of every form resolve, in code there are none', async () => {
  expect(shown(await links({ before, after: before }))).toEqual([]);
});

test('what a move breaks is found: the file, the heading, the depth', async () => {
  const after = {
    'README.md': '# Readme\n## Set up\n',
    'docs/guide.md': guide,
    'docs/img/a b.png': 'png',
    'agent/README.md': before['agent/go/README.md'],
    'agent/cmd/run.go': 'package main',
    LICENSE: 'text',
  };
  const moves = { 'agent/go/README.md': 'agent/README.md', 'agent/go/cmd/run.go': 'agent/cmd/run.go' };
  const result = await links({ before, after, moves });
  expect(shown(result)).toEqual([
    'agent/README.md:1 ../../LICENSE link: named something before the cutover',
    'docs/guide.md:3 /agent/main.go link: named something before the cutover',
    'docs/guide.md:4 ../README.md#setup link to a heading: named something before the cutover',
    'docs/guide.md:13 ../agent/main.go#L3 link: named something before the cutover',
  ]);
  expect(result.state).toBe('failed');
});

test('a link that was dead before is told and is no error; one that is new, or leads into what is gone, is', async () => {
  const text = '[dead](nowhere.md) [gone](old/missing.md)\n';
  const result = await links({
    before: { 'a.md': text, 'old/x.md': 'x' },
    after: { 'a.md': `${text}[new](nothing.md)\n` },
  });
  expect(shown(result)).toEqual([
    'a.md:1 old/missing.md link: leads into old, which the cutover took away',
    'a.md:2 nothing.md link: names nothing',
  ]);
  expect(result.allowed).toEqual([
    { path: 'a.md', line: 1, text: 'nowhere.md', reason: 'link: named nothing before the cutover either' },
  ]);
});

test('exceptions name the link as written, and an unused one fails', async () => {
  const cutover = { before: { 'a.md': 'x' }, after: { 'a.md': '[new](nothing.md)\n' } };
  const except = [{ path: 'a.md', link: 'nothing.md', reason: 'made by the release' }];
  expect(await links(cutover, { except })).toMatchObject({ state: 'passed', findings: [] });
  const unused = [...except, { path: 'a.md', link: 'other.md', reason: 'r' }];
  expect(await links(cutover, { except: unused })).toMatchObject({
    state: 'failed',
    unusedExceptions: [{ path: 'a.md', what: 'other.md' }],
  });
});
