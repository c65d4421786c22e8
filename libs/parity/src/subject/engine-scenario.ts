import { copyFile, mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { constants } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Engine, EngineContainer } from '@baton/engine';
import { BatonError, effect, silent } from '@baton/kernel';
import { type TarEntry, writeTar } from '@baton/oci';
import { childOf } from '../capture/processes.ts';
import { tarTree } from '../capture/tar-snapshot.ts';
import { fileKeeper, treeChange } from '../capture/tree-change.ts';
import { MOST_IN_MEMORY, takeTree } from '../capture/tree-snapshot.ts';
import { assertFeedersWorked, type LayFeeder } from '../feeder/lay-feeders.ts';
import type { Content, Observation, RunEnd, RunObservation, SubjectIo } from '../model/observation.ts';
import type { FixtureEntry, Scenario } from '../model/scenario.ts';
import { performActions } from './actions.ts';
import { engineScript, layScript, PLACE } from './engine-script.ts';
import { contentsOfEntry } from './generated-contents.ts';
import { demandClock, laterSecondThan, layHost, NOTHING, USUAL } from './observe-scenario.ts';
import { RunClock } from './run-clock.ts';
import type { Tools } from './tools.ts';
import { layEntries } from './tree-layout.ts';

/** What a subject in an engine brings along. */
export interface Kitchen {
  engine: Engine;
  image: string;
  command: readonly string[];
  clock: string | undefined;
  tools: Tools;
  layFeeder: LayFeeder;
  /** Milliseconds. */
  grace: number;
}

/** Runs a scenario in a container of its own. Errors: `SUBJECT_FAILED`, `ENGINE_*`, `INTERRUPTED`. */
export async function observeInEngine(kitchen: Kitchen, scenario: Scenario, io: SubjectIo): Promise<Observation> {
  demandClock(scenario, kitchen);
  const work = join(io.directory, 'runs');
  const host = join(io.directory, 'host');
  for (const path of [work, host]) await effect('mkdir', path, () => mkdir(path, { mode: 0o755 }));
  await effect('write', work, () => copyFile(kitchen.tools.busybox, join(work, 'busybox')));
  const container = await kitchen.engine.container(
    {
      image: kitchen.image,
      entrypoint: [`${PLACE}/busybox`, 'sh', `${PLACE}/start`],
      binds: [
        { source: work, target: PLACE },
        { source: host, target: scenario.root.mount },
      ],
    },
    { emit: silent, signal: io.signal },
  );
  const onAbort = (): void => void container.kill().catch(() => undefined);
  io.signal?.addEventListener('abort', onAbort, { once: true });
  try {
    return await observe(kitchen, scenario, io, { container, work, host });
  } finally {
    io.signal?.removeEventListener('abort', onAbort);
    await container.remove();
  }
}

interface Place {
  container: EngineContainer;
  work: string;
  host: string;
}

async function observe(kitchen: Kitchen, scenario: Scenario, io: SubjectIo, place: Place): Promise<Observation> {
  const { container, work, host } = place;
  const { mount } = scenario.root;
  await layHost(kitchen, host, scenario);
  await container.put(writeTar(scenario.container.filter(({ type }) => type !== 'delete').map(tarEntry)));
  const deleted = scenario.container.filter(({ type }) => type === 'delete').map(({ path }) => path);
  await startWith(container, work, layScript(deleted, scenario.cwd));

  const leaveOut = new Set(['/tmp', '/proc', '/dev', '/sys', PLACE, mount]);
  const laid = new Set([...scenario.container.map(({ path }) => path), `${scenario.cwd}/x`, mount].flatMap(above));
  const where = `the tree of ${scenario.id}`;
  const before = { host: await takeTree(host, new Set()), container: await tarTree(container.tree(), { where, laid }) };
  const runs: RunObservation[] = [];
  const leftovers: string[] = [];
  for (const [i, run] of scenario.runs.entries()) {
    const last = runs.at(-1)?.window;
    if (last !== undefined) await laterSecondThan(last.ended / 1000);
    await layEntries(host, run.before);
    runs.push(await runOnce(kitchen, scenario, i, place, io.signal));
    await assertFeedersWorked(host, scenario.feeders);
    const left = await readFile(join(work, `run${i + 1}.left`), 'latin1').catch(() => '');
    leftovers.push(
      ...left
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => line.replaceAll('\0', ' ').trim())
        .sort(),
    );
  }
  const since = { before: before.container, directory: join(io.directory, 'tree') };
  const after = {
    host: await takeTree(host, new Set()),
    container: await tarTree(container.tree(), { where, laid, since }),
  };
  const keeper = fileKeeper(join(io.directory, 'contents'));
  const rules = { usual: USUAL, keeper };
  return {
    scenario: scenario.id,
    tier: scenario.clock.kind === 'frozen' ? 'T1' : 'T2',
    runs,
    host: scenario.observe.host
      ? await treeChange(before.host, after.host, { ...rules, leaveOut: new Set() })
      : NOTHING,
    container: scenario.observe.container
      ? await treeChange(before.container, after.container, { ...rules, leaveOut })
      : NOTHING,
    leftovers,
  };
}

async function runOnce(
  { command, clock: variable, tools, grace }: Kitchen,
  scenario: Scenario,
  index: number,
  { container, work, host }: Place,
  signal: AbortSignal | undefined,
): Promise<RunObservation> {
  const run = scenario.runs[index] ?? { argv: [], env: [], before: [], actions: [] };
  const number = index + 1;
  const script = engineScript({ scenario, run, command, clock: variable, number, grace });
  await effect('write', work, () => writeFile(join(work, 'start'), script));
  const clock = new RunClock();
  clock.say('begin', command.join(' '));
  const { ended } = await container.start();
  let late = false;
  const timer = setTimeout(
    () => {
      late = true;
      void container.kill().catch(() => undefined);
    },
    scenario.timeout * 1000 + grace,
  );
  try {
    const acting = act(run.actions.length > 0, await container.pid(), (subject) =>
      performActions(
        { actions: run.actions, subject, host, signal, onSent: (text) => clock.say('signal', text) },
        tools,
      ),
    );
    acting.catch(() => undefined);
    const code = await ended;
    clock.end();
    if (signal?.aborted === true)
      throw new BatonError('INTERRUPTED', `${scenario.id} was ended: the work was interrupted`);
    const faults = await acting;
    const end: RunEnd = late
      ? { kind: 'timeout', seconds: scenario.timeout }
      : await endOf(work, number, code, scenario.id);
    clock.say('end', end.kind);
    const content = (name: string): Promise<Content> => contentOf(join(work, `run${number}.${name}`));
    const streams =
      scenario.streams === 'merged'
        ? { merged: await content('merged') }
        : { stdout: await content('stdout'), stderr: await content('stderr') };
    const { window, milliseconds, events } = clock;
    return { end, ...streams, window, milliseconds, events, ...(faults.length > 0 && { faults }) };
  } finally {
    clearTimeout(timer);
  }
}

async function act(wanted: boolean, first: number, perform: (subject: number) => Promise<string[]>): Promise<string[]> {
  if (!wanted) return [];
  // time(1) is a child of the container's first process, and the subject is a child of it.
  for (let turn = 0; turn < 500; turn += 1) {
    const time = childOf(first);
    const subject = time === undefined ? undefined : childOf(time);
    if (subject !== undefined) return await perform(subject);
    await sleep(2);
  }
  return ['the subject was not seen, so no signal was sent'];
}

async function endOf(work: string, number: number, code: number, id: string): Promise<RunEnd> {
  const said = await readFile(join(work, `run${number}.end`), 'latin1').catch(() => '');
  const signal = /^Command terminated by signal (\d+)$/m.exec(said)?.[1];
  const status = /^\tExit status: (\d+)$/m.exec(said)?.[1];
  if (signal !== undefined) {
    const name = Object.entries(constants.signals).find(([, value]) => value === Number(signal))?.[0] ?? `SIG${signal}`;
    return { kind: 'signal', signal: name.slice('SIG'.length) };
  }
  if (status !== undefined) return { kind: 'exit', code: Number(status) };
  throw new BatonError(
    'SUBJECT_FAILED',
    `${id}: the subject could not be started in its container, which ended with ${code}`,
  );
}

async function startWith(container: EngineContainer, work: string, script: Buffer): Promise<void> {
  await effect('write', work, () => writeFile(join(work, 'start'), script));
  await (await container.start()).ended;
}

async function contentOf(path: string): Promise<Content> {
  const { size } = await stat(path);
  return size <= MOST_IN_MEMORY ? { kind: 'bytes', bytes: await readFile(path) } : { kind: 'file', path, size };
}

function tarEntry(entry: FixtureEntry): TarEntry {
  const { path, type, mode, mtime = Math.floor(Date.now() / 1000), target } = entry;
  const common = { path: path.slice(1), uid: 0, gid: 0, mtime: Math.floor(mtime), size: 0 };
  if (type === 'symlink') return { ...common, type, mode: 0o777, linkTarget: target ?? '' };
  if (type === 'dir') return { ...common, type: 'directory', mode: Number.parseInt(mode ?? '755', 8) };
  const content = contentsOfEntry(entry);
  return { ...common, type: 'file', mode: Number.parseInt(mode ?? '644', 8), size: content.byteLength, content };
}

function above(path: string): string[] {
  const parts = path.split('/').slice(1);
  return parts.map((_, i) => `/${parts.slice(0, i + 1).join('/')}`);
}
