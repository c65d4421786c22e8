import type { BatonError } from '@baton/kernel';
import { expect, test } from 'vitest';
import type { Problem } from '../model/plan.ts';
import { HEAD, situation, situationIn } from './test-cutover.ts';

async function problemsOf(plan: Promise<unknown>): Promise<string[]> {
  const error = await plan.then(
    () => new Error('no error'),
    (thrown: BatonError) => thrown,
  );
  expect(error).toMatchObject({ code: 'CUTOVER_REFUSED' });
  const problems = (error as BatonError).details.problems as Problem[];
  return problems.map(({ code, operation, path }) => `${code} ${operation} ${path}`);
}

/** CPU seconds of this process while some work is done. */
async function seconds(work: () => Promise<unknown>): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}

test('a path never leads through a link, wherever that leads', async () => {
  const { repository, store } = await situation(HEAD, { 'in/file': 'a', outer: 'b' });
  for (const [path, target] of Object.entries({ away: '/etc', near: 'in', up: '..' })) {
    await repository.write({ '.git/target': target });
    const id = await repository.git('hash-object', '-w', '--', '.git/target');
    await repository.git('update-index', '--add', '--cacheinfo', `120000,${id},${path}`);
  }
  await repository.git('commit', '--quiet', '--message', 'links');
  const one = await situationIn(
    repository,
    `${HEAD}paths:
  - create: { path: away/passwd, text: x }
  - move: { from: near/file, to: x }
  - move: { from: outer, to: near/outer }
  - mode: { path: near/file, exec: true }
  - delete: { glob: near/** }
edits:
  - replace: { in: near/file, find: a, with: b }
  - replace: { in: near, find: in, with: out }
  - notes: { in: up/notes.md, under: a, text: b }
  - notes: { in: "docs/*.md", under: a, text: b }
`,
  );
  expect((await problemsOf(one.plan())).sort()).toEqual([
    'COLLISION edits[2] notes up/notes.md',
    'COLLISION paths[0] create away/passwd',
    'COLLISION paths[2] move near',
    'EDIT_NO_MATCH edits[0] replace near/file',
    'EDIT_NO_MATCH edits[3] notes docs/*.md',
    'EDIT_NO_MATCH paths[1] move near/file',
    'EDIT_NO_MATCH paths[3] mode near/file',
    'EDIT_NO_MATCH paths[4] delete near/**',
    'EDIT_REFUSED edits[1] replace near',
  ]);
  await Promise.all([store.close(), one.store.close()]);
});

test('a pattern that never ends is stopped once, not once for each file', async () => {
  const text = `${'a'.repeat(40)}!\n`;
  const files = Object.fromEntries(Array.from({ length: 30 }, (_, n) => [`f${n}.txt`, text]));
  const one = await situation(
    `${HEAD}edits:\n  - replace: { in: "*.txt", find: "^(a+)+$", with: b, regex: true }\n  - lines: { in: f1.txt, match: "(a|aa)+c", regex: true, delete: true }\n`,
    files,
  );
  let problems: string[] = [];
  const took = await seconds(async () => {
    problems = await problemsOf(one.plan());
  });
  expect(problems.filter((line) => line.startsWith('PATTERN_TIMEOUT edits[0] replace'))).toHaveLength(1);
  expect(problems.filter((line) => line.startsWith('PATTERN_TIMEOUT edits[1] lines'))).toHaveLength(1);
  expect(took).toBeLessThan(15);
  await one.store.close();
}, 60_000);

test('thousands of operations: as many moves as files, and as many edits of one file as are allowed', async () => {
  const count = 5000;
  const names = Array.from({ length: count }, (_, n) => `d${n % 50}/f${n}`);
  const files: Record<string, string> = Object.fromEntries(names.map((name) => [name, `${name}\n`]));
  files.big = names.map((name) => `line <${name}>\n`).join('');
  const paths = names.map((name, n) => `  - move: { from: ${name}, to: moved/${n % 7}/${n} }\n`).join('');
  const edits = names.map((name) => `  - replace: { in: big, find: "<${name}>", with: "(${name})" }\n`).join('');
  const one = await situation(`${HEAD}paths:\n${paths}edits:\n${edits}`, files);
  let moved = 0;
  const took = await seconds(async () => {
    const plan = await one.plan();
    moved = plan.accounting.moved;
    expect(plan.edits[0]?.operations).toHaveLength(count);
  });
  expect(moved).toBe(count);
  expect(took).toBeLessThan(20);
  await one.store.close();
}, 120_000);
