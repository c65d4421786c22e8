import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { pythonProgram } from '@baton/testkit';
import type { Json } from './test-tagged.ts';

/** One running CPython that answers for its text rules. */
export interface Oracle {
  /** Answers in the order of the items, by a rule of test-oracle.py. */
  ask(rule: string, items: readonly Json[]): Promise<Json[]>;
  stop(): Promise<void>;
}

/** Starts the oracle; needs `python`. Questions are asked one after the other. */
export function startOracle(): Oracle {
  const script = join(import.meta.dirname, 'test-oracle.py');
  // In UTF-8 mode the names of files are UTF-8 whatever the locale.
  const child = spawn(pythonProgram(), ['-I', '-X', 'utf8', script], { stdio: ['pipe', 'pipe', 'inherit'], env: {} });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    async ask(rule, items) {
      child.stdin.write(`${JSON.stringify({ rule, items })}\n`);
      const { value, done } = await lines.next();
      if (done === true) throw new Error('the oracle ended');
      return JSON.parse(value) as Json[];
    },
    async stop() {
      child.stdin.end();
      if (child.exitCode === null) await once(child, 'exit');
    },
  };
}
