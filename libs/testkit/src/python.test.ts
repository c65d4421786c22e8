import { spawnSync } from 'node:child_process';
import { expect } from 'vitest';
import { needs, pythonProgram } from './index.ts';

const test = needs('python');

test('the Python of the tests is 3.13 and called by its own path', () => {
  const answer = spawnSync(pythonProgram(), ['--version'], { encoding: 'utf8', env: {} });
  expect(answer.stdout).toMatch(/^Python 3\.13\./);
});
