import { spawnSync } from 'node:child_process';
import { needs, pythonProgram } from '@baton/testkit';
import { expect, test } from 'vitest';
import { commandFailure } from './command-failure.ts';

test('status 0 is no failure', () => {
  expect(commandFailure(['a'], { status: 0 })).toBeUndefined();
});

test('the command is shown as a Python list inside quotes', () => {
  expect(commandFailure(['/x', "it's", 'a\n'], { status: 255 })).toMatchObject({
    type: 'subprocess.CalledProcessError',
    message: `Command '['/x', "it's", 'a\\n']' returned non-zero exit status 255.`,
  });
});

needs('python')('every status and signal reads as in CPython', () => {
  const script = `
import subprocess
for code in [*range(1, 256), *(-n for n in range(1, 65))]:
    print(subprocess.CalledProcessError(code, ["a"]))
`;
  const { stdout } = spawnSync(pythonProgram(), ['-c', script], { encoding: 'utf8', env: {} });
  const endings = [
    ...Array.from({ length: 255 }, (_, i) => ({ status: i + 1 })),
    ...Array.from({ length: 64 }, (_, i) => ({ signal: i + 1 })),
  ];
  expect(endings.map((ending) => commandFailure(['a'], ending)?.message)).toEqual(stdout.trimEnd().split('\n'));
});
