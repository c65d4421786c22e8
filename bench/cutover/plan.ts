import { mkdtemp, rm } from 'node:fs/promises';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { measure, median, type Sample } from '../measure.ts';
import { peakOf } from '../peak.ts';
import { markdown, paired, rowOf } from '../tables.ts';
import { bundledRun, freshClone, gitMove, ownStep, writeManifest } from './contenders.ts';
import { type CutoverSize, makeCutoverRepository, usualSize } from './repository.ts';

/** How often, and on repositories of how many files. */
export interface CutoverRounds {
  /** Rounds of ours. */
  own: number;
  /** Rounds of `git mv` and commit, which take long. */
  git: number;
  sizes: readonly number[];
}

/**
 * A cutover of synthetic repositories, 80 % of whose files move: reading the tree, the splice alone, the plan, plan and commit; against
 * `git rm`, `git mv` of whole directories and `git commit` in a checkout. And the same with 5 % of the files moved: it should cost the
 * same. CPU seconds of whole process trees are what counts. The first round of ours is not counted.
 */
export async function benchCutoverPlan(rounds: CutoverRounds): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'baton-bench-cutover-'));
  try {
    const script = await bundledRun(dir);
    const manifest = await writeManifest(join(dir, 'cutover.yaml'));
    const parts = [`${cpus().length} cores, ${cpus()[0]?.model ?? 'unknown'}; Node ${process.version}`];
    for (const files of rounds.sizes) {
      const usual = usualSize(files);
      parts.push(...(await benchSize({ dir, script, manifest }, usual, rounds)));
    }
    return [...parts, `load ${loadavg()[0]?.toFixed(1)} at the end`].join('\n\n');
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

interface Place {
  dir: string;
  script: string;
  manifest: string;
}

async function benchSize(
  { dir, script, manifest }: Place,
  size: CutoverSize,
  rounds: CutoverRounds,
): Promise<string[]> {
  const bare = join(dir, `${size.files}.git`);
  const few = join(dir, `${size.files}-few.git`);
  await makeCutoverRepository(bare, size);
  await makeCutoverRepository(few, { ...size, moved: size.files / 20 });
  const clone = join(dir, 'clone.git');
  const samples = new Map<string, Sample[]>();
  const take = (name: string, sample: Sample): void => void samples.set(name, [...(samples.get(name) ?? []), sample]);
  const STEPS: Readonly<Record<string, readonly [step: string, repository: string]>> = {
    'start, open the repository': ['open', bare],
    'read the tree': ['read', bare],
    'read, splice, commit, without a manifest': ['splice', bare],
    'baton plan': ['plan', bare],
    'baton plan + commit': ['apply', bare],
    'baton plan + commit, 5 % moved': ['apply', few],
  };
  for (let round = 0; round <= rounds.own; round += 1) {
    for (const [name, [step, repository]] of Object.entries(STEPS)) {
      const sample = await measure(ownStep(script, step, await freshClone(repository, clone), manifest));
      if (round > 0) take(name, sample);
    }
  }
  const theirs = 'git rm + git mv + git commit';
  const checkout = await gitMove(bare, join(dir, `${size.files}-checkout`));
  for (let round = 0; round < rounds.git; round += 1) {
    if (round > 0) await checkout.reset();
    take(theirs, await measure(checkout.command));
  }
  const peaks: number[] = [];
  for (let round = 0; round < 3; round += 1) {
    peaks.push(await peakOf(ownStep(script, 'apply', await freshClone(bare, clone), manifest)));
  }
  const of = (name: string): Sample[] => samples.get(name) ?? [];
  return [
    `${size.files} files, ${size.moved} moved, ${size.deleted} deleted`,
    markdown([...samples].map(([name, taken]) => rowOf(name, taken))),
    paired('baton plan + commit', of('baton plan + commit'), theirs, of(theirs)),
    paired(
      `${size.moved} moved`,
      of('baton plan + commit'),
      `${size.files / 20} moved`,
      of('baton plan + commit, 5 % moved'),
    ),
    `- peak of our own process: ${median(peaks).toFixed(0)} MB (median of ${peaks.length})`,
  ];
}
