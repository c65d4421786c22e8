// What CI does when tests failed: runs their files once more, one after the other, and names both outcomes at the end.
//
//   node tools/prove/again.ts <vitest's JSON report> <file for the outcome>
//
// A test that fails among many on a busy machine and holds alone is unsteady: named, and no reason to stop. One that fails
// twice is a finding. A report that cannot be read, or names no failed file, fails.
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runProcess, writeFileAtomic } from '@baton/kernel';
import { describeAgain, failedFiles } from './failures.ts';
import type { TestReport } from './summary.ts';

const root = join(import.meta.dirname, '..', '..');
const [source = '', outcome = ''] = process.argv.slice(2);
const directory = await mkdtemp(join(tmpdir(), 'baton-again-'));
const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());

try {
  const first = await readReport(source);
  const files = failedFiles(first);
  if (files.length === 0) throw new Error(`${source} names no failed file: the test command itself failed`);
  const output = join(directory, 'report.json');
  const runner = join(root, 'node_modules', 'vitest', 'vitest.mjs');
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${output}`];
  await runProcess({
    command: process.execPath,
    args: [runner, 'run', '--maxWorkers=1', ...reporters, ...files],
    cwd: root,
    // The tests are part of this run, not a tool of somebody else: they get its whole environment.
    env: process.env,
    signal: stop.signal,
    onStdout: (chunk) => void process.stdout.write(chunk),
    onStderr: (chunk) => void process.stderr.write(chunk),
  });
  const { text, holds } = describeAgain(first, await readReport(output), root);
  process.stdout.write(`\n${text}`);
  await writeFileAtomic(outcome, Buffer.from(text));
  if (!holds) process.exitCode = 1;
} finally {
  await rm(directory, { recursive: true, force: true });
}

async function readReport(path: string): Promise<TestReport> {
  return JSON.parse(await readFile(path, 'utf8')) as TestReport;
}
