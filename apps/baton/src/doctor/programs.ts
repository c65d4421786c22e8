import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { BatonError, runProcess, toolEnv } from '@baton/kernel';
import type { DoctorIo, Finding } from './finding.ts';

/** A program that Baton calls, or that is good to have. */
interface Program {
  id: string;
  title: string;
  commands: readonly { command: string; args: readonly string[] }[];
  cost: string;
}

const VERSION = ['--version'];

const PROGRAMS: readonly Program[] = [
  {
    id: 'npm',
    title: 'npm',
    commands: [{ command: 'npm', args: VERSION }],
    cost: 'Layers from npm packages cannot be fetched; those in the cache still work.',
  },
  {
    id: 'apt',
    title: 'apt-get, dpkg-deb',
    commands: [
      { command: 'apt-get', args: VERSION },
      { command: 'dpkg-deb', args: VERSION },
    ],
    cost: 'Layers from Debian packages cannot be assembled here: take the base from a registry (base: { ref: ... }).',
  },
  {
    id: 'cc',
    title: 'C compiler',
    commands: [{ command: 'cc', args: VERSION }],
    cost: 'Nothing for images: no command of Baton compiles.',
  },
  {
    id: 'skopeo',
    title: 'skopeo',
    commands: [{ command: 'skopeo', args: VERSION }],
    cost: 'Nothing: it is a second opinion on published images, and Baton checks every digest itself.',
  },
  {
    id: 'crane',
    title: 'crane',
    commands: [{ command: 'crane', args: ['version'] }],
    cost: 'Nothing: it is a second opinion on published images, and Baton checks every digest itself.',
  },
];

/** Looks for every program but git, which has more to tell. */
export function findPrograms(io: DoctorIo): Promise<Finding[]> {
  return Promise.all(
    PROGRAMS.map(async ({ id, title, commands, cost }) => {
      const versions = await Promise.all(commands.map(({ command, args }) => programVersion(command, args, io)));
      const missing = commands.filter((_, index) => versions[index] === undefined).map(({ command }) => command);
      if (missing.length === 0) return { id, title, state: 'here', detail: versions.join(', ') };
      return { id, title, state: 'missing', detail: `no ${missing.join(' and no ')} on the PATH`, cost };
    }),
  );
}

/** The first version number that a program prints, or what it printed; undefined when there is no such program. */
export async function programVersion(
  command: string,
  args: readonly string[],
  io: DoctorIo,
): Promise<string | undefined> {
  try {
    const { stdout, stderr } = await runProcess({
      command,
      args,
      env: toolEnv({ PATH: io.env.PATH }),
      signal: io.signal,
      timeout: 10_000,
    });
    const text = `${stdout.toString('utf8')}\n${stderr.toString('utf8')}`.trim();
    return /\d+\.\d+[\w.+~-]*/.exec(text)?.[0] ?? text.split('\n')[0] ?? '';
  } catch (error) {
    if (error instanceof BatonError && error.code === 'TOOL_MISSING') return undefined;
    if (error instanceof BatonError && error.code !== 'INTERRUPTED') return `present, but ${error.message}`;
    throw error;
  }
}

/** Whether a command of a manifest can be started: a path from `dir`, or a name on the PATH. */
export async function isRunnable(command: string, dir: string, env: NodeJS.ProcessEnv): Promise<boolean> {
  const places = command.includes('/')
    ? [join(command.startsWith('/') ? '' : dir, command)]
    : (env.PATH ?? '').split(delimiter).map((place) => join(place, command));
  for (const place of places) {
    const found = await access(place, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (found) return true;
  }
  return false;
}
