import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { temporaryDirectory } from '@baton/testkit';
import type { AgentContext, Command, LogPaths } from '../context.ts';
import { encodeOs } from '../python-text/index.ts';
import { runWith } from '../run-agent.ts';

/** 2026-01-02T03:04:05.678901 UTC in microseconds. */
export const TEST_TIME = 1_767_323_045_678_901;

/** A step of a config under test: what differs from a plain one. */
export interface TestStep {
  path: string;
  arguments?: string[];
  returncodes?: number[];
  idempotence?: boolean;
  upgrade_step?: boolean;
  env?: Record<string, string>;
}

/** What one run did, as text. */
export interface TestRun {
  status: number;
  /** What was printed behind the banner. */
  said: string;
  stdout: string;
  stderr: string;
  commands: { command: Command; logs: LogPaths | undefined }[];
  pauses: number[];
}

/** How a run is started. */
export interface TestRunOptions {
  env?: Record<string, string>;
  /** What the launcher of a command would give; 0 unless told. */
  onCommand?: (command: Command) => number;
  /** Asked each time the agent wants to know whether SIGTERM came. */
  terminated?: () => boolean;
  argv?: string[];
}

/** A host of its own in a temporary folder, with a package at /pkg, and an agent whose commands are answered by the test. */
export interface TestHost {
  root: string;
  /** Puts a file below the root mount. */
  write(path: string, text: string): void;
  read(path: string): string;
  /** All files below the root mount that are not of the package, sorted. */
  files(): string[];
  run(mode: string, options?: TestRunOptions): Promise<TestRun>;
}

/** Makes a host whose config has these modes; the scripts named in it exist. */
export function testHost(modes: Record<string, TestStep[]>, config: Record<string, unknown> = {}): TestHost {
  const root = temporaryDirectory('agent');
  const write = (path: string, text: string) => {
    mkdirSync(dirname(`${root}${path}`), { recursive: true });
    writeFileSync(`${root}${path}`, text);
  };
  const complete = Object.entries(modes).map(([mode, steps]) => [mode, steps.map(completed)]);
  const head = { schema_version: 'v1', package_name: 'demo', package_version: '1.2.3', expected_config_files: [] };
  write('/pkg/config.json', JSON.stringify({ ...head, modes: Object.fromEntries(complete), ...config }));
  for (const { path } of Object.values(modes).flat()) {
    write(`/pkg/skyhook_dir/${path}`, '#!/bin/sh\n');
    chmodSync(`${root}/pkg/skyhook_dir/${path}`, 0o755);
  }
  return {
    root,
    write,
    read: (path) => readFileSync(`${root}${path}`, 'utf8'),
    files: () => filesBelow(root, '').filter((path) => !path.startsWith('/pkg/') && !path.includes('/container/')),
    run: (mode, options = {}) => runOn(root, mode, options),
  };
}

function completed(step: TestStep) {
  const rest = { arguments: [], returncodes: [0], on_host: true, idempotence: false, upgrade_step: false };
  return { name: 'step', ...rest, ...step };
}

async function runOn(root: string, mode: string, options: TestRunOptions): Promise<TestRun> {
  const out: Buffer[] = [];
  const err: Buffer[] = [];
  const commands: TestRun['commands'] = [];
  const pauses: number[] = [];
  const context: AgentContext = {
    argv: options.argv ?? [mode, root, '/pkg'],
    env: new Map(Object.entries({ ...environment(root), ...options.env })),
    clock: { now: () => TEST_TIME },
    stdout: {
      print: (text) => out.push(encodeOs(`${text}\n`)),
      write: (bytes) => out.push(Buffer.from(bytes)),
      flush: () => undefined,
    },
    stderr: { write: (bytes) => err.push(Buffer.from(bytes)) },
    terminated: async () => options.terminated?.() ?? false,
    pause: async (milliseconds) => {
      pauses.push(milliseconds);
    },
    runCommand: async (command, logs) => {
      commands.push({ command, logs });
      return options.onCommand?.(command) ?? 0;
    },
  };
  const status = await runWith(context);
  const stdout = Buffer.concat(out).toString();
  const said = stdout.split(/history_file: .*\n-{20}\n/).at(1) ?? '';
  return { status, said, stdout, stderr: Buffer.concat(err).toString(), commands, pauses };
}

/** The state stays at /etc/skyhook of the host; the log directory is one that may be made in the container as well. */
function environment(root: string): Record<string, string> {
  return { COPY_RESOLV: 'false', SKYHOOK_RESOURCE_ID: 'cr_demo_1.2.3', SKYHOOK_LOG_DIR: `${root}/container/log` };
}

function filesBelow(root: string, path: string): string[] {
  const entries = readdirSync(`${root}${path}`, { withFileTypes: true });
  const found = entries.flatMap((entry) => {
    const child = `${path}/${entry.name}`;
    return entry.isDirectory() ? filesBelow(root, child) : [child];
  });
  return found.sort();
}
