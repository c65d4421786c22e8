import { mkdtemp, rm } from 'node:fs/promises';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { runProcess, toolEnv } from '@baton/kernel';
import { build } from 'esbuild';
import { type Command, measure, type Sample } from '../measure.ts';
import { markdown, paired, rowOf } from '../tables.ts';
import { gitMove } from './contenders.ts';
import { cloneWorkTree, git, makeCutoverRepository, usualSize } from './repository.ts';

/** How often, and on repositories of how many files. */
export interface CheckoutRounds {
  rounds: number;
  sizes: readonly number[];
}

/**
 * Bringing a checkout to a commit in which 80 % of the files have moved: by carrying it, against `git rm`, `git mv` and
 * `git commit`, in turn. Then `git status` in both. CPU seconds of whole process trees are what counts.
 */
export async function benchCutoverCheckout({ rounds, sizes }: CheckoutRounds): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'baton-bench-checkout-'));
  try {
    const script = join(dir, 'checkout-run.mjs');
    await build({
      entryPoints: [join(import.meta.dirname, 'checkout-run.ts')],
      outfile: script,
      bundle: true,
      platform: 'node',
      format: 'esm',
      logLevel: 'error',
      banner: { js: "import { createRequire as r } from 'node:module'; const require = r(import.meta.url);" },
    });
    const parts = [`${cpus().length} cores, ${cpus()[0]?.model ?? 'unknown'}; Node ${process.version}`];
    for (const files of sizes) parts.push(await benchSize(dir, script, files, rounds));
    return [...parts, `load ${loadavg()[0]?.toFixed(1)} at the end`].join('\n\n');
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

async function benchSize(dir: string, script: string, files: number, rounds: number): Promise<string> {
  const bare = join(dir, `${files}.git`);
  await makeCutoverRepository(bare, usualSize(files));
  const moved = join(dir, `${files}-moved`);
  const byHand = await gitMove(bare, moved);
  const carried = join(dir, `${files}-carried`);
  await cloneWorkTree(bare, carried);
  await git(carried, ['update-index', '--refresh']);
  const from = await read(carried, 'rev-parse', 'HEAD');
  const samples = new Map<string, Sample[]>();
  const take = (name: string, sample: Sample): void => void samples.set(name, [...(samples.get(name) ?? []), sample]);
  const status = (place: string): Command => ({ argv: ['git', 'status', '--porcelain'], cwd: place, env: quietEnv() });
  for (let round = 0; round < rounds; round += 1) {
    take('`git rm`, `git mv`, `git commit`', await measure(byHand.command));
    take('`git status` after it', await measure(status(moved)));
    const to = await read(moved, 'rev-parse', 'HEAD');
    await git(carried, ['fetch', '--quiet', '--no-write-fetch-head', moved, 'HEAD']);
    const run = (way: string, a: string, b: string): Command => ({
      argv: [process.execPath, script, way, carried, a, b],
      cwd: carried,
      env: quietEnv(),
    });
    take('carry the checkout', await measure(run('there', from, to)));
    take('`git status` after the carry', await measure(status(carried)));
    if ((await read(carried, 'status', '--porcelain')) !== '') throw new Error('the carried checkout is not clean');
    await measure(run('back', to, from));
    await byHand.reset();
  }
  const [theirs = [], , ours = []] = [...samples.values()];
  return [
    `${files} files, 80 % of which move`,
    markdown([...samples].map(([name, list]) => rowOf(name, list))),
    paired('carry', ours, 'git mv and commit', theirs),
  ].join('\n\n');
}

async function read(dir: string, ...args: string[]): Promise<string> {
  const { stdout } = await runProcess({ command: 'git', args: ['-C', dir, ...args], env: quietEnv() });
  return stdout.toString('utf8').trim();
}

function quietEnv(): NodeJS.ProcessEnv {
  return toolEnv({ GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1' });
}
