import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, copyFileSync, existsSync, mkdirSync, openSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Candidate } from './candidate.ts';
import { environmentOf, type Run, type Scenario } from './scenario.ts';
import { layBusyboxRoot, layEntries } from './tree-layout.ts';
import { layZoneFiles } from './zones.ts';

/** The file system of one scenario, and the files around it. */
export interface Container {
  /** What the agent sees as `/`. Mounts do not show here: they exist in the namespace of a run only. */
  root: string;
  /** The root mount of the scenario, as it is called on this machine. */
  host: string;
  /** Captured streams and start scripts; outside of `root`. */
  work: string;
}

/** A run of the agent. */
export interface StartedRun {
  /** Of the agent itself: everything before it in its process is replaced by exec. It leads a process group of the same number. */
  pid: number;
  child: ChildProcess;
  /** The captured streams; the same file twice when the scenario merges them. */
  stdout: string;
  stderr: string;
}

// Directories and files that a namespace covers; they are not part of what is looked at.
const COVERED = ['/proc', '/dev/null'];

/** Makes the directories of a scenario in `directory` (empty, not on another file system than `busybox`). */
export function prepareContainer(
  directory: string,
  scenario: Scenario,
  candidate: Candidate,
  busybox: string,
): Container {
  const container = {
    root: join(directory, 'container'),
    host: join(directory, 'container', scenario.root_mount),
    work: join(directory, 'runs'),
  };
  for (const path of [container.root, container.work, container.host]) mkdirSync(path, { recursive: true });
  layBusyboxRoot(container.root, busybox);
  layZoneFiles(container.root);
  mkdirSync(join(container.root, 'etc'));
  mkdirSync(join(container.root, 'proc'));
  for (const { source, target } of candidate.mounts) {
    const point = join(container.root, target);
    mkdirSync(dirname(point), { recursive: true });
    if (statSync(source).isDirectory()) mkdirSync(point, { recursive: true });
    else writeFileSync(point, '');
  }
  mkdirSync(join(container.root, 'dev'), { recursive: true });
  writeFileSync(join(container.root, 'dev/null'), '');
  mkdirSync(join(container.root, scenario.cwd), { recursive: true });
  layEntries(container.root, scenario.container_tree);
  if (scenario.rootfs === 'busybox') layBusyboxRoot(container.host, busybox, scenario.rootfs_remove);
  layEntries(container.host, scenario.host_tree);
  return container;
}

/** Copies the static busybox to where containers can hard-link it. */
export function copyBusybox(busybox: string, directory: string): string {
  const copy = join(directory, 'busybox');
  if (!existsSync(copy)) copyFileSync(busybox, copy);
  return copy;
}

/** Starts one run: in a mount namespace and a root of its own, with exactly the environment of the scenario. */
export function startRun(
  container: Container,
  scenario: Scenario,
  run: Run,
  index: number,
  candidate: Candidate,
): StartedRun {
  const script = join(container.work, `${index}.sh`);
  writeFileSync(script, startScript(container, scenario, run, candidate));
  const stdout = join(container.work, `${index}.${scenario.merge_streams ? 'merged' : 'stdout'}`);
  const stderr = scenario.merge_streams ? stdout : join(container.work, `${index}.stderr`);
  const out = openSync(stdout, 'w');
  const err = scenario.merge_streams ? out : openSync(stderr, 'w');
  try {
    // Node gives its children the default action for every signal, whatever it ignores itself, and `detached` a process group.
    const child = spawn('unshare', ['--mount', 'sh', script], {
      detached: true,
      env: { PATH: process.env.PATH, LC_ALL: 'C' },
      stdio: ['ignore', out, err],
    });
    if (child.pid === undefined) throw new Error('unshare could not be started');
    return { pid: child.pid, child, stdout, stderr };
  } finally {
    closeSync(out);
    if (err !== out) closeSync(err);
  }
}

// A shell script, because Node can pass neither arguments nor variables that are no UTF-8, and a file holds any byte.
function startScript(container: Container, scenario: Scenario, run: Run, candidate: Candidate): Buffer {
  const { root } = container;
  const mounts = candidate.mounts.map(({ source, target }) => ['mount', '--bind', '-o', 'ro', source, root + target]);
  for (const path of COVERED) mounts.push(['mount', '--bind', path, root + path]);
  const frozen = scenario.clock === undefined ? {} : candidate.frozenClock(scenario.clock.faketime);
  const variables = [
    ...environmentOf(scenario, run),
    ...Object.entries(frozen).map(([name, value]): [string, Buffer] => [name, Buffer.from(value)]),
  ].map(([name, value]) => Buffer.concat([Buffer.from(`${name}=`), value]));
  const argv = run.argv.map((word) => word.replace('{ROOT}', scenario.root_mount));
  const enter = 'cd "$0" && exec /bin/busybox env -i "$@"';
  return Buffer.concat([
    Buffer.from('set -e\numask 022\n'),
    ...mounts.map((words) => line(words)),
    line([
      'exec',
      'chroot',
      root,
      '/bin/busybox',
      'sh',
      '-c',
      enter,
      scenario.cwd,
      ...variables,
      ...candidate.command,
      ...argv,
    ]),
  ]);
}

function line(words: readonly (string | Buffer)[]): Buffer {
  const quoted = words.map((word) => Buffer.from(word).toString('latin1').replaceAll("'", `'\\''`));
  return Buffer.from(`${quoted.map((word) => `'${word}'`).join(' ')}\n`, 'latin1');
}
