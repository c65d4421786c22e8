// One comparison in a process of its own, for the bench: parity-compare-run.ts OLD NEW. Prints the divergences as JSON.
import { statSync } from 'node:fs';
import { compareObservations, type Observation, type Scenario } from '@baton/parity';

const [, , old = '', now = ''] = process.argv;

const scenario: Scenario = {
  id: 'bench/log',
  why: 'a large log',
  tags: [],
  env: [],
  cwd: '/',
  umask: '0022',
  root: { mount: '/root', base: 'none', remove: [] },
  host: [],
  container: [],
  feeders: [],
  runs: [{ argv: [], env: [], before: [], actions: [] }],
  clock: { kind: 'real' },
  streams: 'apart',
  observe: { host: true, container: true, modes: true, leftovers: 'none' },
  tokens: [
    { use: 'iso-local' },
    { use: 'iso-utc' },
    { use: 'log-stamp' },
    { use: 'temp-name' },
    { use: 'crash-report' },
  ],
  crash: 'strict',
  diverge: [],
  timing: 'shared',
  timeout: 60,
  expectSilent: false,
};

function observation(path: string): Observation {
  const tree = { rows: [], deleted: [] };
  const stdout = { kind: 'file' as const, path, size: statSync(path).size };
  const window = { began: Date.parse('2026-11-20T00:00:00Z') * 1000, ended: Date.parse('2026-11-21T00:00:00Z') * 1000 };
  const run = { end: { kind: 'exit' as const, code: 0 }, stdout, window, milliseconds: 1 };
  return { scenario: scenario.id, tier: 'T2', runs: [run], host: tree, container: tree, leftovers: [] };
}

const { divergences, ledger } = await compareObservations(scenario, observation(old), observation(now));
const shown = divergences.map(({ kind, old: one, new: other }) => ({ kind, old: one, new: other }));
process.stdout.write(`${JSON.stringify({ divergences: shown, stamps: ledger[0]?.hits ?? 0 })}\n`);
