import { rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { bundledBaton } from './artefacts.ts';
import { type Command, measure, type Sample } from './measure.ts';
import { markdown, paired, rowOf } from './tables.ts';

const ROOT = resolve(import.meta.dirname, '..');

/**
 * What Nx adds: `nx run agent:image` with a cache hit and with a miss, against the plain bundled command doing the same
 * (nothing to pack, and a forced build). Daemon off and plugins in the main process, as CI runs it.
 */
export async function benchNxOverhead(rounds: number): Promise<string> {
  const baton = await bundledBaton();
  const agent = join(ROOT, 'apps/agent');
  const env = { PATH: process.env.PATH, HOME: process.env.HOME, LC_ALL: 'C', CI: 'true' };
  const nxEnv = { ...env, NX_DAEMON: 'false', NX_ISOLATE_PLUGINS: 'false', NX_TUI: 'false' };
  const nx = createRequire(join(ROOT, 'package.json')).resolve('nx/bin/nx.js');
  const nxRun = (...more: string[]): Command => ({
    argv: [process.execPath, nx, 'run', 'agent:image', ...more],
    cwd: ROOT,
    env: nxEnv,
  });
  const plain = (...more: string[]): Command => ({
    argv: [process.execPath, baton, 'image', 'build', ...more],
    cwd: agent,
    env,
  });
  const contenders: [string, Command, () => Promise<void>][] = [
    ['baton image build, nothing to pack', plain(), async () => undefined],
    ['nx run agent:image, cache hit', nxRun(), async () => undefined],
    [
      'nx run agent:image, cache hit, outputs restored',
      nxRun(),
      () => rm(join(agent, 'dist'), { recursive: true, force: true }),
    ],
    ['baton image build --force', plain('--force'), async () => undefined],
    ['nx run agent:image, cache miss', nxRun('--skip-nx-cache'), async () => undefined],
  ];
  const samples = new Map<string, Sample[]>(contenders.map(([name]) => [name, []]));
  for (let round = 0; round <= rounds; round++) {
    for (const [name, command, prepare] of contenders) {
      await prepare();
      const sample = await measure(command);
      if (round > 0) samples.get(name)?.push(sample);
    }
  }
  const of = (name: string): Sample[] => samples.get(name) ?? [];
  return [
    markdown([...samples].map(([name, list]) => rowOf(name, list))),
    '',
    paired(
      'nx hit',
      of('nx run agent:image, cache hit'),
      'plain, nothing to pack',
      of('baton image build, nothing to pack'),
    ),
    paired('nx miss', of('nx run agent:image, cache miss'), 'plain --force', of('baton image build --force')),
  ].join('\n');
}
