import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Command, measure } from './measure.ts';

/** The peak memory (MB) of the Node process that a command is, without the programs it calls. */
export async function peakOf(command: Command): Promise<number> {
  const dir = await mkdtemp(join(tmpdir(), 'baton-peak-'));
  try {
    const preload = join(import.meta.dirname, 'peak-preload.mjs');
    await measure({
      ...command,
      env: { ...command.env, NODE_OPTIONS: `--import ${preload}`, BATON_BENCH_PEAK: dir },
    });
    const peaks = await Promise.all(
      (await readdir(dir)).map(async (name) => Number(await readFile(join(dir, name), 'utf8'))),
    );
    return Math.max(...peaks) / 1000;
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}
