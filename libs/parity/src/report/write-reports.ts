import { appendFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { effect, writeFileAtomic } from '@baton/kernel';
import { SUMMARY_LIMIT } from '@baton/report';
import type { ParityResult } from '../model/verdict.ts';
import { reportHtml } from './report-html.ts';
import { reportJunit } from './report-junit.ts';
import { reportSummary } from './report-summary.ts';

/** Where reports go. */
export interface WriteReportsOptions {
  /** `dist/parity` of the project. */
  directory: string;
  /** Of the process: a file named by GITHUB_STEP_SUMMARY gets the summary too. */
  env: NodeJS.ProcessEnv;
}

/**
 * Writes `report.html`, `junit.xml` and `summary.md`, each whole or not at all, and gives the summary to the GitHub job that
 * this is a step of. Returns the paths of the three. Errors: `DISK_FULL`, `FILE_FAILED`.
 */
export async function writeReports(result: ParityResult, { directory, env }: WriteReportsOptions): Promise<string[]> {
  const files: readonly (readonly [string, string])[] = [
    ['report.html', reportHtml(result)],
    ['junit.xml', reportJunit(result)],
    ['summary.md', reportSummary(result)],
  ];
  const paths: string[] = [];
  for (const [name, text] of files) {
    const path = join(directory, name);
    await writeFileAtomic(path, text);
    paths.push(path);
  }
  const summary = env.GITHUB_STEP_SUMMARY;
  if (summary !== undefined && summary !== '') await appendSummary(result, summary);
  return paths;
}

// Other commands of the same step may have written there: GitHub drops the whole file when it gets too large.
async function appendSummary(result: ParityResult, path: string): Promise<void> {
  const size = await stat(path).then(
    (found) => found.size,
    () => 0,
  );
  const text = reportSummary(result, { limit: SUMMARY_LIMIT - size - 1 });
  await effect('write', path, () => appendFile(path, `${text}\n`));
}
