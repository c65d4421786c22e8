import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { silent } from '@baton/kernel';
import { loadManifest } from '@baton/manifest';
import { type ParityResult, parityRunOptions, runParity } from '@baton/parity';
import { temporaryDirectory, writeFiles } from '@baton/testkit';
import { AGENT, REPOSITORY } from './test-bundle.ts';

/**
 * Holds a bundled agent (its `main.cjs`) against what the reference did in some scenarios of the project, as a program of this
 * machine: the bundle, koffi and Node are where the image has them.
 */
export async function agentParity(main: string, ids: readonly string[]): Promise<ParityResult> {
  const dir = temporaryDirectory('agent-parity');
  const modules = join(REPOSITORY, 'node_modules');
  const mount = (from: string, to: string): string => `{ from: ${JSON.stringify(from)}, to: ${to} }`;
  await writeFiles(dir, {
    'agent.yaml': `
version: 1
name: node-agent
parity:
  new:
    command: [/usr/local/bin/node, /app/main.cjs]
    mounts:
      - ${mount(process.execPath, '/usr/local/bin/node')}
      - ${mount(main, '/app/main.cjs')}
      - ${mount(join(modules, 'koffi'), '/app/node_modules/koffi')}
      - ${mount(join(modules, '@koromix'), '/app/node_modules/@koromix')}
  clock: BATON_AGENT_CLOCK
`,
  });
  for (const path of ['scenarios/suite.yaml', ...ids.flatMap((id) => [`scenarios/${id}.yaml`, `goldens/${id}`])]) {
    const place = join(dir, 'parity', path);
    cpSync(join(AGENT, 'parity', path), place, { recursive: true });
  }
  const io = { emit: silent, signal: new AbortController().signal, cacheDir: join(dir, 'cache'), env: process.env };
  return await runParity(await loadManifest(dir), parityRunOptions.parse({ path: dir }), io);
}

/** What was found in a scenario, a line each: where, of which kind, and why. */
export function foundIn(result: ParityResult, id: string): string[] {
  const verdict = result.scenarios.find(({ scenario }) => scenario === id);
  return (verdict?.divergences ?? []).map(({ channel, kind, explain }) => `${channel} ${kind}: ${explain ?? '-'}`);
}
