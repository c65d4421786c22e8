import { join } from 'node:path';
import { type Emit, sha256, silent } from '@baton/kernel';
import { loadManifest } from '@baton/manifest';
import { temporaryDirectory, writeFiles } from '@baton/testkit';
import { compareObservations } from '../compare/compare-observations.ts';
import type { Identity, Observation, Subject, TreeRow } from '../model/observation.ts';
import type { Scenario } from '../model/scenario.ts';
import { plainScenario } from '../model/test-scenario.ts';
import type { ScenarioVerdict } from '../model/verdict.ts';
import { type ParityRunOptions, parityRunOptions } from '../options.ts';
import type { ParityIo } from './parity-io.ts';
import type { ParityParts } from './parity-parts.ts';
import { openVerdict } from './scenario-verdict.ts';

/** A scenario of one run. */
export function testScenario(id: string, more: Partial<Scenario> = {}): Scenario {
  return plainScenario({
    id,
    why: `what ${id} is for`,
    runs: [{ argv: [Buffer.from(id)], env: [], before: [], actions: [] }],
    timeout: 10,
    ...more,
  });
}

/** What a program does that prints some lines, with stamps, and writes two files. */
export function testObservation(scenario: Scenario, stdout?: string): Observation {
  const text = stdout ?? 'one\ntwo 2026-05-02T21:51:23.456789\nthree 2026-05-02T21:51:23.956789\nfour\n';
  const file = (path: string, mode: string): TreeRow => ({
    path,
    type: 'file',
    mode,
    contents: bytes(`${path}\nsecond\n`),
  });
  return {
    scenario: scenario.id,
    tier: 'T2',
    runs: scenario.runs.map(() => ({
      end: { kind: 'exit', code: 0 },
      stdout: bytes(text),
      stderr: bytes('a warning\n'),
      milliseconds: 10,
    })),
    host: { rows: [file('/etc/one', '0644'), file('/etc/two', '0600')], deleted: [] },
    container: { rows: [], deleted: [] },
    leftovers: [],
  };
}

/** Text as the contents of a channel. */
export function bytes(text: string): { kind: 'bytes'; bytes: Buffer } {
  return { kind: 'bytes', bytes: Buffer.from(text) };
}

/** A subject that does what it is told, and remembers what it was asked for. */
export interface FakeSubject extends Subject {
  asked: string[];
}

/** Makes a subject; without `act` it does {@link testObservation}. */
export function fakeSubject(
  name: string,
  act: (scenario: Scenario) => Observation | Promise<Observation> = (scenario) => testObservation(scenario),
  kind: Identity['kind'] = 'process',
): FakeSubject {
  const asked: string[] = [];
  return {
    asked,
    identity: async () => ({ kind, name, digest: sha256(name), facts: {} }),
    async observe(scenario) {
      asked.push(scenario.id);
      return await act(scenario);
    },
    close: async () => undefined,
  };
}

/** A project with a section `parity`, and the rooms of a run with fakes for suite and subjects. */
export interface TestRun {
  dir: string;
  old: FakeSubject;
  new: FakeSubject;
  suite: Scenario[];
  options: ParityRunOptions;
  parts: ParityParts;
  io: ParityIo;
  controller: AbortController;
}

/** Sets up a run; `load` gives its project. */
export async function testRun(
  suite: Scenario[],
  subjects: { old?: FakeSubject; new?: FakeSubject; goldens?: string[] } = {},
  parity = '{ old: { command: [old] }, new: { command: [new] } }',
): Promise<TestRun & { load: () => ReturnType<typeof loadManifest> }> {
  const dir = temporaryDirectory('parity-run');
  await writeFiles(dir, { 'agent.yaml': `version: 1\nname: agent\nparity: ${parity}\n` });
  const old = subjects.old ?? fakeSubject('old');
  const found = subjects.new ?? fakeSubject('new');
  const opened = [old, found];
  const controller = new AbortController();
  return {
    dir,
    old,
    new: found,
    suite,
    controller,
    load: async () => await loadManifest(dir),
    options: parityRunOptions.parse({ path: dir }),
    parts: {
      loadSuite: async () => suite,
      openSubject: async () => opened.shift() ?? found,
      goldenIds: async () => subjects.goldens ?? [],
      compare: compareObservations,
      writeReports: async () => undefined,
    },
    io: testIo(join(dir, 'cache'), controller.signal),
  };
}

/** Surroundings without anything of the machine. */
export function testIo(cacheDir: string, signal = new AbortController().signal, emit: Emit = silent): ParityIo {
  return { emit, signal, cacheDir, env: {} };
}

/** A verdict without anything in it. */
export function testVerdict(scenario: string, more: Partial<ScenarioVerdict> = {}): ScenarioVerdict {
  const verdict = openVerdict(testScenario(scenario), 'not-run', { reason: '' });
  return { ...verdict, state: 'equal', ...more };
}
