import { spawn } from 'node:child_process';
import { toolEnv } from '@baton/kernel';
import { expect, test } from 'vitest';
import { document, runBaton } from './test-baton.ts';

/** Runs the command with a standard output whose reader is gone before anything is written. */
function withoutReader(...args: string[]): Promise<{ code: number | null; stderr: string }> {
  const child = spawn(process.execPath, [new URL('./main.ts', import.meta.url).pathname, ...args], {
    env: toolEnv(),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  child.stdout.destroy();
  let stderr = '';
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString('utf8');
  });
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, stderr })));
}

test('a wrong call: the error, a hint, exit code 2; with --json one document', async () => {
  expect(await runBaton(['evidence', 'shw'])).toEqual({
    code: 2,
    stdout: '',
    stderr:
      'error USAGE: unknown command "shw" after "baton evidence"\n' +
      '  hint: Did you mean "show"? "baton evidence --help" shows the commands.\n',
  });
  const json = await runBaton(['evidence', 'shw', '--json']);
  expect(json).toMatchObject({ code: 2, stderr: '' });
  expect(document(json)).toMatchObject({ ok: false, error: { code: 'USAGE', exitCode: 2 } });
});

test('without a command the error comes first, then the help', async () => {
  const ran = await runBaton([]);
  expect(ran).toMatchObject({ code: 2, stdout: '' });
  expect(ran.stderr).toMatch(/^error USAGE: expected a command, found none\n {2}hint: .*\n\nBaton hands an agent over/);
});

test('--version, for people and machines', async () => {
  expect(await runBaton(['--version'])).toMatchObject({ code: 0, stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) });
  expect(document(await runBaton(['--json', '--version']))).toEqual({
    ok: true,
    result: { baton: expect.any(String), node: process.versions.node },
  });
});

test.each([
  ['--help'],
  ['--version'],
  ['doctor'],
])('%s with nobody reading ends quietly with its own exit code', async (...args) => {
  expect(await withoutReader(...args)).toEqual({ code: 0, stderr: '' });
});
