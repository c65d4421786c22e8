import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** A private container engine: own data root, own socket, no bridge. */
export interface Engine {
  /** For `DOCKER_HOST`. */
  host: string;
  /** The daemon and its containerd: whose CPU time is the engine's. */
  pids(): Promise<number[]>;
  stop(): Promise<void>;
}

/** Starts `dockerd` (root) below `dir` and waits until it answers; undefined when it cannot run here, with the reason printed. */
export async function startEngine(dir: string): Promise<Engine | undefined> {
  await mkdir(dir, { recursive: true });
  const socket = join(dir, 'docker.sock');
  const daemon = spawn(
    'dockerd',
    [
      ['--data-root', join(dir, 'data')],
      ['--exec-root', join(dir, 'exec')],
      ['--pidfile', join(dir, 'docker.pid')],
      ['-H', `unix://${socket}`],
      ['--bridge=none', '--iptables=false', '--ip-masq=false'],
    ].flat(),
    { stdio: 'ignore', env: { PATH: process.env.PATH, HOME: dir, LC_ALL: 'C' } },
  );
  const failed = once(daemon, 'exit').then(
    () => true,
    () => true,
  );
  for (let i = 0; i < 100; i++) {
    if ((await Promise.race([failed, answers(socket).then((yes) => (yes ? 'up' : 'wait'))])) === true) {
      console.error('dockerd does not run here: its rows are left out');
      return undefined;
    }
    if (await answers(socket)) {
      return {
        host: `unix://${socket}`,
        pids: async () => [daemon.pid ?? 0, ...(await childrenOf(daemon.pid ?? 0))],
        async stop() {
          daemon.kill('SIGTERM');
          await failed;
        },
      };
    }
    await sleep(100);
  }
  daemon.kill('SIGKILL');
  throw new Error('dockerd did not answer within 10 seconds');
}

async function answers(socket: string): Promise<boolean> {
  const { request } = await import('node:http');
  return await new Promise((resolve) => {
    const ask = request({ socketPath: socket, path: '/_ping' }, (answer) => {
      answer.resume();
      resolve(answer.statusCode === 200);
    });
    ask.on('error', () => resolve(false));
    ask.end();
  });
}

async function childrenOf(pid: number): Promise<number[]> {
  const found: number[] = [];
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const stat = await readFile(`/proc/${name}/stat`, 'utf8').catch(() => '');
    if (Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]) === pid) found.push(Number(name));
  }
  return found;
}
