import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { type Command, measure, median, type Sample } from '../measure.ts';
import { peakOf } from '../peak.ts';
import { markdown, rowOf } from '../tables.ts';
import { makeCutoverRepository, usualSize } from './repository.ts';

// A word of three files; and one that is in nearly all of them, but only as a part of longer words.
const WORDS = ['hatch', 'python3x'];

/**
 * A residual scan of a whole tree against `git grep` of the same word: the first time, and once its results are kept. CPU seconds of
 * whole process trees, in turns; what the same process costs without a scan (start, reading the tree) is taken off, since a plan has
 * done that anyway.
 */
export async function benchCutoverScans(rounds: number, sizes: readonly number[]): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'baton-bench-scans-'));
  try {
    const script = join(dir, 'scan.mjs');
    await build({
      entryPoints: [join(import.meta.dirname, 'scan-run.ts')],
      outfile: script,
      bundle: true,
      platform: 'node',
      format: 'esm',
      logLevel: 'error',
      external: ['dockerode', '@octokit/*'],
      banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
    });
    const parts = [`${cpus().length} cores, ${cpus()[0]?.model ?? 'unknown'}; Node ${process.version}`];
    for (const files of sizes) {
      const repository = join(dir, `${files}.git`);
      await makeCutoverRepository(repository, usualSize(files));
      for (const word of WORDS) parts.push(await benchWord(dir, script, repository, word, rounds, files));
    }
    return [...parts, `load ${loadavg()[0]?.toFixed(1)} at the end`].join('\n\n');
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

async function benchWord(
  dir: string,
  script: string,
  repository: string,
  word: string,
  rounds: number,
  files: number,
): Promise<string> {
  const env = { PATH: process.env.PATH, TMPDIR: dir, GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1' };
  const cache = join(dir, 'cache');
  const scan = (...words: string[]): Command => ({
    argv: [process.execPath, script, repository, cache, ...words],
    cwd: dir,
    env,
  });
  const theirs: Command = {
    // No match is exit code 1, which is what is wanted here.
    argv: ['bash', '-c', `git -C ${repository} grep -w -n ${word} main > /dev/null || test $? = 1`],
    cwd: dir,
    env,
  };
  const taken = { tree: [] as Sample[], first: [] as Sample[], second: [] as Sample[], grep: [] as Sample[] };
  for (let round = 0; round <= rounds; round += 1) {
    await rm(cache, { recursive: true, force: true });
    await mkdir(cache);
    const samples = {
      tree: await measure(scan()),
      first: await measure(scan(word)),
      second: await measure(scan(word)),
      grep: await measure(theirs),
    };
    // The first round fills the page cache.
    if (round === 0) continue;
    for (const key of ['tree', 'first', 'second', 'grep'] as const) taken[key].push(samples[key]);
  }
  const ratio = (which: 'first' | 'second'): string =>
    median(
      taken[which].map((one, at) => (one.cpu - (taken.tree[at]?.cpu ?? 0)) / (taken.grep[at]?.cpu ?? Number.NaN)),
    ).toFixed(2);
  await rm(cache, { recursive: true, force: true });
  await mkdir(cache);
  const peak = await peakOf(scan(word));
  return [
    `${files} files, the word "${word}"`,
    markdown([
      rowOf('start and read the tree', taken.tree),
      rowOf('first scan, with that', taken.first),
      rowOf('second scan, with that', taken.second),
      rowOf('git grep -w', taken.grep),
    ]),
    `- CPU of the first scan alone / git grep: ${ratio('first')}; second: ${ratio('second')} (medians of ${rounds}); peak of our own process: ${peak.toFixed(0)} MB`,
  ].join('\n\n');
}
