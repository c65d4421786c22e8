import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryDirectory } from '@baton/testkit';
import { expect, test } from 'vitest';
import { startProcess } from './process-start.ts';

const files = (): [string, string] => {
  const directory = temporaryDirectory('start');
  return [join(directory, 'out'), join(directory, 'err')];
};
const PATH = process.env.PATH ?? '';

test('outputs go to their files, and the environment is what was given', async () => {
  const [out, err] = files();
  const { ended } = await startProcess({
    command: '/bin/sh',
    args: ['-c', 'echo "$A|$HOME"; echo no >&2; exit 3'],
    env: { A: 'x', PATH },
    files: [out, err],
  });
  expect(await ended).toEqual({ code: 3, signal: null });
  expect(readFileSync(out, 'utf8')).toBe('x|\n');
  expect(readFileSync(err, 'utf8')).toBe('no\n');
});

test('a path that is named twice is one open file, made new', async () => {
  const [both] = files();
  for (const word of ['first', 'second']) {
    const args = ['-c', `echo ${word}; echo too >&2`];
    await (await startProcess({ command: '/bin/sh', args, env: { PATH }, files: [both, both] })).ended;
  }
  expect(readFileSync(both, 'utf8')).toBe('second\ntoo\n');
});

test('it leads a session of its own, and its death by a signal is told', async () => {
  const [out, err] = files();
  const args = ['-c', 'cut -d" " -f1,5,6 /proc/$$/stat; kill -TERM $$'];
  const { pid, ended } = await startProcess({ command: '/bin/sh', args, env: { PATH }, files: [out, err] });
  expect(await ended).toEqual({ code: null, signal: 'SIGTERM' });
  expect(readFileSync(out, 'utf8')).toBe(`${pid} ${pid} ${pid}\n`);
});

test('an open input ends when it is closed, an empty one at once', async () => {
  const [out, err] = files();
  const spec = { command: '/bin/cat', args: [], env: { PATH }, files: [out, err] };
  expect(await (await startProcess(spec)).ended).toEqual({ code: 0, signal: null });
  const open = await startProcess({ ...spec, input: 'open' });
  open.closeInput();
  expect(await open.ended).toEqual({ code: 0, signal: null });
});

test('a program that is not there is an error that names it', async () => {
  const [out, err] = files();
  await expect(
    startProcess({ command: 'no-such-program', args: [], env: { PATH }, files: [out, err] }),
  ).rejects.toMatchObject({
    code: 'TOOL_MISSING',
    message: 'the program "no-such-program" was not found',
  });
});
