import { temporaryDirectory, writeFiles } from '@baton/testkit';
import { expect, test } from 'vitest';
import { renderReport, runStep } from './step.ts';
import { style } from './style.ts';
import { types } from './types.ts';

test('a step that throws has found a problem', async () => {
  const step = { name: 'x', run: () => Promise.reject(new Error('no such file')) };
  const report = await runStep(step, '/', false);
  expect(report.problems[0]).toContain('no such file');
  expect(report.summary).toBe('could not run');
});

test('a report is one line, with the problems under it', () => {
  const good = { name: 'types', summary: '3 files', problems: [], took: 1234 };
  expect(renderReport(good)).toBe('ok   types          1.2 s  3 files');
  expect(renderReport({ ...good, problems: ['a.ts: no'] })).toBe('FAIL types          1.2 s  3 files\n       a.ts: no');
});

test('types finds an error, and that nothing was checked', async () => {
  const root = temporaryDirectory();
  const options = { strict: true, noEmit: true, types: [], lib: ['es2024'] };
  const tsconfig = JSON.stringify({ compilerOptions: options, include: ['src'] });
  await writeFiles(root, { 'tsconfig.json': tsconfig, 'src/a.ts': 'export const a: number = 1;\n' });
  expect(await types.run(root, false)).toEqual({ summary: '1 files', problems: [] });
  await writeFiles(root, { 'src/a.ts': "export const a: number = 'x';\n" });
  expect((await types.run(root, false)).problems.join()).toContain('src/a.ts(1,14): error TS2322');
  await writeFiles(root, { 'tsconfig.json': tsconfig.replace('src', 'none') });
  expect((await types.run(root, false)).problems).not.toEqual([]);
});

test('style finds lint and format, and repairs when asked to', async () => {
  const root = temporaryDirectory();
  await writeFiles(root, {
    'biome.json': JSON.stringify({ linter: { rules: { suspicious: { noExplicitAny: 'error' } } } }),
    'a.ts': 'export const a   = 1;\n',
    'b.ts': 'export const b: any = 1;\n',
  });
  const { problems } = await style.run(root, false);
  expect(problems).toContain('a.ts: not formatted');
  expect(problems.join('\n')).toMatch(/b\.ts:1: lint\/suspicious\/noExplicitAny: /);
  expect((await style.run(root, true)).problems).toHaveLength(1);
  await writeFiles(root, { 'b.ts': 'export const b = 1;\n' });
  expect((await style.run(root, true)).problems).toEqual([]);
});

test('style that finds no file to check is a problem', async () => {
  expect((await style.run(temporaryDirectory(), false)).problems).not.toEqual([]);
});
