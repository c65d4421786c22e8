import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { TestNode } from './test-node.ts';

/** An agent that runs. */
export interface RunningAgent {
  readonly pid: number;
  /** What it wrote so far. */
  stdout(): string;
  stderr(): string;
  /** How it ended. */
  readonly ended: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
  /** The launcher of the running command, as soon as there is one. */
  launcher(): Promise<number>;
  signal(name: NodeJS.Signals): void;
}

/** How the agent is started. */
export interface AgentStart {
  mode?: string;
  /** Above that of the node. */
  env?: Readonly<Record<string, string>>;
  /** Where its streams go in place of the test. */
  stdio?: 'ignore';
}

/** Starts the bundled agent on a node. */
export function startAgent(
  program: string,
  node: TestNode,
  { mode = 'apply', env, stdio }: AgentStart = {},
): RunningAgent {
  const out = stdio ?? 'pipe';
  const child = spawn(process.execPath, [program, mode, node.root, node.copyDir], {
    env: { ...node.env, ...env },
    cwd: '/',
    stdio: ['ignore', out, out],
  });
  const pid = child.pid ?? 0;
  const stdout = collect(child.stdout);
  const stderr = collect(child.stderr);
  return {
    pid,
    stdout,
    stderr,
    ended: new Promise((resolve) => void child.on('close', (code, signal) => resolve({ code, signal }))),
    launcher: async () => await waitFor('a launcher', () => childrenOf(pid)[0]),
    signal: (name) => void process.kill(pid, name),
  };
}

/** Runs the agent to its end. */
export async function runAgent(
  program: string,
  node: TestNode,
  start?: AgentStart,
): Promise<{ code: number | null; signal: NodeJS.Signals | null; stdout: string; stderr: string }> {
  const agent = startAgent(program, node, start);
  return { ...(await agent.ended), stdout: agent.stdout(), stderr: agent.stderr() };
}

/** Waits until something is there, and gives it; a bound for hanging, not for speed. */
export async function waitFor<T>(what: string, look: () => T | undefined | false, limit = 20_000): Promise<T> {
  const end = performance.now() + limit;
  for (;;) {
    const found = look();
    if (found !== undefined && found !== false) return found;
    if (performance.now() > end) throw new Error(`${what} did not come`);
    await sleep(5);
  }
}

/** Waits until a file of the node exists. */
export async function waitForFile(node: TestNode, path: string, limit?: number): Promise<void> {
  await waitFor(path, () => existsSync(node.at(path)), limit);
}

/** Processes whose parent this is. */
export function childrenOf(pid: number): number[] {
  try {
    const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8');
    return text.split(' ').filter(Boolean).map(Number);
  } catch {
    return [];
  }
}

/** Whether a process has ended, be it that nobody has asked for its status yet. */
export function hasEnded(pid: number): boolean {
  try {
    return /^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return true;
  }
}

/** Text with every local time stamp replaced by `<TS>`, and every crash report by its last line in `<...>`. */
export function plain(text: string | Buffer | undefined): string {
  return (text ?? '')
    .toString('utf8')
    .replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{6})?/g, '<TS>')
    .replace(
      /Traceback \(most recent call last\):\n(?:(?:\[err\]<TS> )?(?: .*)?\n)*(?:\[err\]<TS> )?(\S.*)(?=\n|$)/g,
      '<$1>',
    );
}

function collect(stream: ChildProcess['stdout']): () => string {
  const chunks: Buffer[] = [];
  stream?.on('data', (chunk: Buffer) => void chunks.push(chunk));
  return () => Buffer.concat(chunks).toString('utf8');
}

/** What the agent printed behind its banner, as {@link plain} text. */
export function afterBanner(stdout: string): string {
  return plain(stdout).replace(/^[\s\S]*\nhistory_file: .*\n-{20}\n/, '');
}
