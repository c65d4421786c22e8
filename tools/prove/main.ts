// What `npm run prove` does: runs the long proofs (files *.prove.ts) one after the other and sums them up.
//
//   npm run prove                     all of them
//   npm run prove -- publish build    those whose path holds one of the words
//   npm run prove -- --short          a part of each, for CI: proofs ask testkit's isShortProof()
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runProcess } from '@baton/kernel';
import { summarise, type TestReport } from './summary.ts';

const root = join(import.meta.dirname, '..', '..');
const words = process.argv.slice(2).filter((word) => word !== '--short');
const isShort = process.argv.includes('--short');
const directory = await mkdtemp(join(tmpdir(), 'baton-prove-'));
const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());

try {
  const output = join(directory, 'report.json');
  const { code } = await runProcess({
    command: process.execPath,
    args: [
      join(root, 'node_modules', 'vitest', 'vitest.mjs'),
      'run',
      '--config=vitest.prove.config.ts',
      '--reporter=verbose',
      '--reporter=json',
      `--outputFile.json=${output}`,
      ...words,
    ],
    cwd: root,
    // The proofs are part of this run, not a tool of somebody else: they get its whole environment.
    env: { ...process.env, BATON_PROVE: isShort ? 'short' : '1' },
    signal: stop.signal,
    onStdout: (chunk) => void process.stdout.write(chunk),
    onStderr: (chunk) => void process.stderr.write(chunk),
  });
  const report = JSON.parse(await readFile(output, 'utf8')) as TestReport;
  const { text, holds } = summarise(report, root);
  process.stdout.write(`\n${text}`);
  if (code !== 0 || !holds) {
    if (!holds) process.stdout.write('\nNot everything holds, or nothing was proved.\n');
    process.exitCode = 1;
  }
} finally {
  await rm(directory, { recursive: true, force: true });
}
