import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryDirectory } from '@baton/testkit';
import { expect, test } from 'vitest';
import { resolveCommand } from './resolve-command.ts';
import type { ProcessSpec } from './subject-spec.ts';

const env = { PATH: '/nowhere:/usr/bin:/bin' };

function project(files: Record<string, string>): string {
  const directory = temporaryDirectory('command');
  for (const [name, text] of Object.entries(files)) writeFileSync(join(directory, name), text, { mode: 0o755 });
  return directory;
}

function resolved(cwd: string, command: string[], more: Partial<ProcessSpec> = {}) {
  return resolveCommand({ kind: 'process', command, cwd, ...more }, env);
}

test('program and script become absolute, other words stay', () => {
  const cwd = project({ agent: '', 'main.cjs': '', apply: '' });
  symlinkSync('agent', join(cwd, 'link'));
  const found = resolved(cwd, ['./link', 'main.cjs', 'apply', '--flag=a/b', 'two words/x.js']);
  expect(found.command).toEqual([join(cwd, 'link'), join(cwd, 'main.cjs'), 'apply', '--flag=a/b', 'two words/x.js']);
  expect(found).toMatchObject({ program: join(cwd, 'agent'), script: join(cwd, 'main.cjs') });
  expect(found.mounts).toEqual([
    { source: join(cwd, 'agent'), target: join(cwd, 'link') },
    { source: join(cwd, 'main.cjs'), target: join(cwd, 'main.cjs') },
  ]);
});

test('what a mount holds is found behind it, and mounted once', () => {
  const cwd = project({ agent: '', 'main.py': '' });
  const mounts = [{ source: '.', target: '/app' }];
  const found = resolved(cwd, ['/app/agent', '/app/main.py'], { mounts });
  expect(found.command).toEqual(['/app/agent', '/app/main.py']);
  expect(found.mounts).toEqual([{ source: cwd, target: '/app' }]);
  expect(found.program).toBe(join(cwd, 'agent'));
});

test('an interpreter is brought along, except where the base has one', () => {
  const cwd = project({ one: '#!/bin/sh\n', two: '#!/usr/bin/env tail -f\n', three: '#! /usr/bin/tail\n' });
  expect(resolved(cwd, ['./one']).mounts).toHaveLength(1);
  expect(resolved(cwd, ['./two']).mounts.map(({ target }) => target)).toEqual([
    join(cwd, 'two'),
    '/usr/bin/env',
    '/usr/bin/tail',
  ]);
  expect(resolved(cwd, ['./three']).mounts.map(({ target }) => target)).toEqual([join(cwd, 'three'), '/usr/bin/tail']);
});

test('the packages beside a script are brought along', () => {
  const cwd = project({ agent: '', 'main.js': '' });
  mkdirSync(join(cwd, 'node_modules'));
  const modules = join(cwd, 'node_modules');
  expect(resolved(cwd, ['./agent', 'main.js']).mounts).toContainEqual({ source: modules, target: modules });
});

test.each([
  [['no-such-program'], 'there is no program "no-such-program" in /nowhere, /usr/bin, /bin'],
  [['./gone'], 'there is no program'],
  [['./agent', 'dist/main.cjs'], 'dist/main.cjs'],
  [['./agent', 'main.py'], 'main.py'],
  [['./plain'], 'there is no program'],
])('%j is SUBJECT_NOT_FOUND with what was looked for', (command, said) => {
  const cwd = project({ agent: '' });
  writeFileSync(join(cwd, 'plain'), '', { mode: 0o644 });
  expect(() => resolved(cwd, command)).toThrowError(
    expect.objectContaining({ code: 'SUBJECT_NOT_FOUND', message: expect.stringContaining(said) as string }) as Error,
  );
});

test('a mount of nothing is SUBJECT_NOT_FOUND', () => {
  const cwd = project({ agent: '' });
  expect(() => resolved(cwd, ['./agent'], { mounts: [{ source: 'gone', target: '/x' }] })).toThrow(
    `${join(cwd, 'gone')}, which is mounted at /x`,
  );
});
