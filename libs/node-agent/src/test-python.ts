import { spawnSync } from 'node:child_process';
import { pythonProgram } from '@baton/testkit';

/** Runs a script of CPython, which reads `input` as JSON from its stdin (`ask`) and answers with `answer(value)`. For tests that declare the need `python`. */
export function askPython(script: string, input: unknown, options: { cwd?: string } = {}): unknown {
  const source = `import json, sys\nask = json.load(sys.stdin)\ndef answer(value): json.dump(value, sys.stdout)\n${script}`;
  const { status, stdout, stderr, error } = spawnSync(pythonProgram(), ['-I', '-c', source], {
    input: JSON.stringify(input),
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
    env: { LANG: 'C.UTF-8' },
    ...options,
  });
  if (status !== 0) throw new Error(`Python ended with ${status}: ${error?.message ?? stderr}`);
  return JSON.parse(stdout);
}
