import { chmod, mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { findPython } from '@baton/testkit';
import { type Command, measure } from './measure.ts';

/** One run of a contender: seconds and MB. `own` is the process that tees alone, `tree` everything, the writer included. */
export interface TeeSample {
  wall: number;
  own: number;
  writer: number;
  tree: number;
  rss: number;
}

/** Somebody who passes on the lines of the writer; its output goes to `sink`, and to a log in `dir` but for cat. */
export interface TeeContender {
  name: string;
  /** The seconds that it sleeps before it starts the writer. */
  pause: number;
  command(dir: string, bytes: number, sink: string): Command;
}

const HERE = import.meta.dirname;
const WRITER = join(HERE, 'agent-tee-writer.cjs');
const PREFIX = '[out]2026-01-02T03:04:05.678901 ';
const LINE = 80;

/** Baton's agent (a bundle), tee(1), a naive Python tee where there is a Python, and cat. */
export function teeContenders(agent: string): {
  ours: TeeContender;
  tee: TeeContender;
  cat: TeeContender;
  python?: TeeContender;
} {
  const node = process.execPath;
  const ours: TeeContender = {
    name: 'baton agent',
    pause: 1,
    command: (dir, bytes, sink) => ({
      argv: [
        'sh',
        '-c',
        `cd ${dir} && ${stepFor(dir, bytes)} && exec ${node} ${agent} apply local ${dir}/pkg >${sink}`,
      ],
      cwd: dir,
      env: {
        ...environment(dir),
        COPY_RESOLV: 'false',
        SKYHOOK_RESOURCE_ID: 'bench_tee_1.0.0',
        SKYHOOK_ROOT_DIR: join(dir, 'state'),
        SKYHOOK_LOG_DIR: join(dir, 'log'),
      },
    }),
  };
  const tee: TeeContender = {
    name: 'tee(1), same output bytes',
    pause: 0,
    command: (dir, bytes, sink) => {
      const output = (bytes / LINE) * (LINE + PREFIX.length);
      return shell(dir, `${node} ${WRITER} ${output} '${PREFIX}' | ${timed(dir, 'tee')} tee ${dir}/tee.log >${sink}`);
    },
  };
  const cat: TeeContender = {
    name: 'cat, no log',
    pause: 0,
    command: (dir, bytes, sink) => shell(dir, `${node} ${WRITER} ${bytes} | ${timed(dir, 'cat')} cat >${sink}`),
  };
  const program = findPython();
  if (program === undefined) return { ours, tee, cat };
  const python: TeeContender = {
    name: 'naive Python tee',
    pause: 0,
    command: (dir, bytes, sink) => {
      const report = join(dir, 'reports', 'python');
      const words = [
        program,
        '-I',
        join(HERE, 'agent_tee.py'),
        `${dir}/python.log`,
        report,
        node,
        WRITER,
        String(bytes),
      ];
      return shell(dir, `${words.join(' ')} >${sink}`);
    },
  };
  return { ours, tee, cat, python };
}

/** Runs a contender once, and removes what it wrote. */
export async function runContender(
  contender: TeeContender,
  dir: string,
  bytes: number,
  sink: 'file' | 'null',
): Promise<TeeSample> {
  const reports = join(dir, 'reports');
  await mkdir(reports);
  try {
    const { wall, cpu } = await measure(contender.command(dir, bytes, sink === 'null' ? '/dev/null' : `${dir}/stdout`));
    const own = await firstReport(reports, ['main.cjs', 'tee', 'cat', 'python']);
    const writer = await firstReport(reports, ['agent-tee-writer.cjs']);
    return { wall: wall - contender.pause, own: own.cpu, rss: own.rss, writer: writer.cpu, tree: cpu };
  } finally {
    for (const name of ['reports', 'log', 'state', 'stdout', 'tee.log', 'python.log', 'python.log.err']) {
      await rm(join(dir, name), { recursive: true, force: true });
    }
  }
}

/** Lays out the package whose one step writes; the root mount `local` is a link to `/`, so that state stays in `dir`. */
export async function writePackage(dir: string): Promise<void> {
  const steps = join(dir, 'pkg', 'skyhook_dir');
  await mkdir(steps, { recursive: true });
  await symlink('/', join(dir, 'local'));
  for (const [name, text] of [
    ['write.sh', `exec ${process.execPath} ${WRITER} "$(cat ${dir}/bytes)"`],
    ['write_check.sh', ':'],
  ] as const) {
    await writeFile(join(steps, name), `#!/bin/sh\n${text}\n`);
    await chmod(join(steps, name), 0o755);
  }
  const step = (path: string) => ({
    ...{ name: path, path, arguments: [], returncodes: [0] },
    ...{ on_host: true, idempotence: true, upgrade_step: false },
  });
  const config = {
    ...{ schema_version: 'v1', package_name: 'tee', package_version: '1.0.0', expected_config_files: [] },
    modes: { apply: [step('write.sh')], 'apply-check': [step('write_check.sh')] },
  };
  await writeFile(join(dir, 'pkg', 'config.json'), JSON.stringify(config));
}

function stepFor(dir: string, bytes: number): string {
  return `echo ${bytes} >${dir}/bytes`;
}

function shell(dir: string, script: string): Command {
  return { argv: ['sh', '-c', script], cwd: dir, env: environment(dir) };
}

function environment(dir: string): NodeJS.ProcessEnv {
  return {
    PATH: process.env.PATH,
    LANG: 'C.UTF-8',
    TZ: 'UTC',
    NODE_OPTIONS: `--require ${join(HERE, 'agent-tee-report.cjs')}`,
    BATON_BENCH_REPORTS: join(dir, 'reports'),
  };
}

function timed(dir: string, name: string): string {
  return `/usr/bin/time -f '%U %S %M' -o ${dir}/reports/${name}`;
}

async function firstReport(reports: string, names: readonly string[]): Promise<{ cpu: number; rss: number }> {
  for (const name of names) {
    const text = await readFile(join(reports, name), 'utf8').catch(() => undefined);
    const [user = 0, system = 0, rss = 0] = text?.trim().split(' ').map(Number) ?? [];
    if (text !== undefined) return { cpu: user + system, rss: rss / 1024 };
  }
  throw new Error(`no report of ${names.join(' or ')}`);
}
