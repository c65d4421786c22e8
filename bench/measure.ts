import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** One run of a command as a whole process tree: seconds of wall clock and CPU, peak of the largest process in MB. */
export interface Sample {
  wall: number;
  cpu: number;
  rss: number;
}

/** A command with its directory and whole environment. */
export interface Command {
  argv: readonly string[];
  cwd: string;
  env: NodeJS.ProcessEnv;
}

// bash counts user and system time in milliseconds (GNU time only in hundredths); GNU time knows the peak memory.
const SCRIPT = `TIMEFORMAT='%3R %3U %3S'; { time /usr/bin/time -f %M -o "$0.rss" "$@" 1>&3 2>&4; } 3>"$0.out" 4>"$0.err" 2>"$0.time"`;

/** Runs a command once and measures it; a command that fails is an error with its output. */
export async function measure(command: Command): Promise<Sample> {
  const dir = await mkdtemp(join(tmpdir(), 'baton-bench-'));
  const base = join(dir, 'm');
  try {
    const code = await new Promise<number | null>((resolve, reject) => {
      const child = spawn('bash', ['-c', SCRIPT, base, ...command.argv], {
        cwd: command.cwd,
        env: command.env,
        stdio: ['ignore', 'inherit', 'inherit'],
      });
      child.on('error', reject);
      child.on('close', resolve);
    });
    if (code !== 0) {
      const text = (await readFile(`${base}.err`, 'utf8')) + (await readFile(`${base}.out`, 'utf8'));
      throw new Error(`${command.argv.join(' ')} ended with ${code}:\n${text.slice(-2000)}`);
    }
    const [wall = 0, user = 0, system = 0] = (await readFile(`${base}.time`, 'utf8')).trim().split(/\s+/).map(Number);
    const rss = Number((await readFile(`${base}.rss`, 'utf8')).trim().split('\n').at(-1)) / 1000;
    return { wall, cpu: user + system, rss };
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

/** The middle of some numbers. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const high = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? high : (high + (sorted[middle - 1] ?? Number.NaN)) / 2;
}

/** CPU seconds used so far by processes that a bench started, from the kernel's accounting (10 ms ticks). */
export async function cpuOf(pids: readonly number[]): Promise<number> {
  let ticks = 0;
  for (const pid of pids) {
    const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    ticks += Number(fields[11] ?? 0) + Number(fields[12] ?? 0);
  }
  return ticks / 100;
}
