import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readdirSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** How to start a private engine. */
export interface TestEngineOptions {
  /** More arguments for `dockerd`. */
  args?: readonly string[];
  /** Milliseconds until it must answer (30,000). */
  timeout?: number;
}

/** A running `dockerd` with a data root of its own, which nothing else uses. */
export interface TestEngine {
  /** For `DOCKER_HOST`: `unix:///tmp/.../docker.sock`. */
  readonly host: string;
  /** The path of its socket. */
  readonly socket: string;
  /** The daemon and its containerd: whose CPU time is the engine's. */
  pids(): number[];
  /** What it logged so far. */
  log(): string;
  /** Ends it at once (SIGKILL), as a crash would, its containerd and containers too; {@link stop} still has to be called. */
  kill(): Promise<void>;
  /** Ends it (SIGTERM, after ten seconds SIGKILL) and removes everything that it made. */
  stop(): Promise<void>;
}

const STARTING = 30_000;
const ENDING = 10_000;

/**
 * Starts `dockerd` (as root) and returns once it answers. Tests that use it say `needs('dockerd')`.
 *
 * It has no bridge and touches no firewall, so that it runs beside other engines and inside containers: what runs in it
 * has network `none` or `host`. Registries on loopback are used without TLS.
 */
export async function startEngine(options: TestEngineOptions = {}): Promise<TestEngine> {
  // Not a directory of temporaryDirectory: its removal would fail while there are mounts below it. And a short name,
  // because the path of a socket may have 108 bytes.
  const directory = realpathSync(mkdtempSync(join(tmpdir(), 'baton-eng-')));
  const socket = join(directory, 'd.sock');
  const log = join(directory, 'log');
  const daemon = launch(directory, socket, log, options.args ?? []);
  const ended = new Promise<string>((resolve) => {
    daemon.once('error', (error) => resolve(error.message));
    daemon.once('exit', (code, signal) => resolve(`it ended with ${code ?? signal}`));
  });
  const pid = daemon.pid ?? 0;
  const cleanUp = (): void => {
    for (const left of descendants(pid, directory)) signalProcess(left, 'SIGKILL');
    unmountBelow(directory);
    rmSync(directory, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
  };
  const onExit = (): void => {
    daemon.kill('SIGKILL');
    cleanUp();
  };
  process.once('exit', onExit);
  const kill = async (): Promise<void> => {
    const all = descendants(pid, directory);
    daemon.kill('SIGKILL');
    for (const other of all) signalProcess(other, 'SIGKILL');
    await ended;
  };
  const stop = async (): Promise<void> => {
    daemon.kill('SIGTERM');
    if ((await Promise.race([ended, sleep(ENDING, undefined, { ref: false })])) === undefined) await kill();
    await ended;
    for (let round = 0; round < 20 && descendants(pid, directory).length > 0; round += 1) {
      for (const left of descendants(pid, directory)) signalProcess(left, 'SIGKILL');
      await sleep(25);
    }
    cleanUp();
    process.removeListener('exit', onExit);
  };
  const failed = await Promise.race([answers(socket, options.timeout ?? STARTING), ended]);
  const engineLog = (): string => readFileSync(log, 'utf8');
  if (failed === undefined) {
    return { host: `unix://${socket}`, socket, pids: () => [pid, ...childrenOf(pid)], log: engineLog, kill, stop };
  }
  const said = engineLog().slice(-4_000);
  await stop();
  throw new Error(`dockerd did not start: ${failed}\n${said}`);
}

function launch(directory: string, socket: string, log: string, args: readonly string[]): ChildProcess {
  const out = openSync(log, 'a');
  try {
    return spawn(
      'dockerd',
      [
        ...['--data-root', join(directory, 'data')],
        ...['--exec-root', join(directory, 'exec')],
        ...['--pidfile', join(directory, 'pid')],
        ...['-H', `unix://${socket}`],
        ...['--bridge=none', '--iptables=false', '--ip-masq=false'],
        ...args,
      ],
      { stdio: ['ignore', out, out], env: { PATH: process.env.PATH, HOME: directory, LC_ALL: 'C' } },
    );
  } finally {
    closeSync(out);
  }
}

/** Undefined once it answers; a reason when it did not for too long. */
async function answers(socket: string, limit: number): Promise<string | undefined> {
  const end = performance.now() + limit;
  while (performance.now() < end) {
    const answered = await new Promise<boolean>((resolve) => {
      const ask = request({ socketPath: socket, path: '/_ping', agent: false }, (response) => {
        response.resume();
        resolve(response.statusCode === 200);
      });
      ask.once('error', () => resolve(false));
      ask.end();
    });
    if (answered) return undefined;
    await sleep(25);
  }
  return `no answer within ${limit} ms`;
}

/**
 * Every process that belongs to an engine: its children, what names its directory on the command line (containerd and its
 * shims, also after their parent's death), and what has a container's root from there.
 */
function descendants(pid: number, directory: string): number[] {
  return processes()
    .filter(({ id }) => id !== pid && id !== process.pid)
    .filter(({ parent, command, id }) => parent === pid || command.includes(directory) || livesIn(id, directory))
    .map(({ id }) => id);
}

function livesIn(pid: number, directory: string): boolean {
  try {
    const mounts = readFileSync(`/proc/${pid}/mountinfo`, 'utf8').split('\n');
    return mounts.some((line) => line.split(' ')[4] === '/' && line.includes(`${directory}/`));
  } catch {
    return false;
  }
}

function childrenOf(pid: number): number[] {
  return processes()
    .filter(({ parent }) => parent === pid)
    .map(({ id }) => id);
}

function processes(): { id: number; parent: number; command: string }[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
        const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
        // A zombie has ended; only its parent can take it away.
        if (fields[0] === 'Z') return [];
        const command = readFileSync(`/proc/${name}/cmdline`, 'latin1');
        return [{ id: Number(name), parent: Number(fields[1]), command }];
      } catch {
        // It ended between the listing and the reading.
        return [];
      }
    });
}

function signalProcess(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It is gone, which is what was wanted.
  }
}

/** Takes away the mounts that an engine which was killed left behind, deepest first. */
function unmountBelow(directory: string): void {
  const mounts = readFileSync('/proc/self/mounts', 'utf8')
    .split('\n')
    .map((line) => line.split(' ')[1] ?? '')
    .filter((path) => path.startsWith(`${directory}/`))
    .reverse();
  for (const path of mounts) spawnSync('umount', ['-l', path], { stdio: 'ignore' });
}
