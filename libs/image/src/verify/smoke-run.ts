import { arch } from 'node:os';
import { type ImageConfig, samePlatform } from '@baton/oci';
import { imageEnvironment } from './check-program.ts';
import type { ImageTree } from './image-tree.ts';
import type { ReadPlatform } from './read-documents.ts';
import type { ImageCheck, SmokeRun } from './types.ts';

/** How the image is started once, and what a good start is. */
export interface SmokeSettings {
  /** In place of the image's `cmd`. */
  args?: readonly string[] | undefined;
  /** Above the environment of the image. */
  env?: Readonly<Record<string, string>> | undefined;
  exitCode: number;
  output?: string | undefined;
  /** Seconds. */
  timeout: number;
}

/** What is to be started: one platform, and its program in words. */
export interface SmokeSubject {
  platform: ReadPlatform;
  /** Bytes of each layer's archive. */
  sizes: readonly number[];
  tree: ImageTree;
  settings: SmokeSettings;
  command: string[];
  env: Record<string, string>;
}

/** A program that ended, or was ended. */
export interface Started {
  how: string;
  code: number | null;
  /** Set when it was ended at its time limit. */
  late?: boolean;
  stdout: Buffer;
  stderr: Buffer;
}

/** One way of starting an image: what it did, or why this machine does not offer it. */
export type Attempt = { started: Started; why?: undefined } | { started?: undefined; why: string };

/** Settings where the manifest has none. */
export const USUAL_START: SmokeSettings = { exitCode: 0, timeout: 30 };

/** Bytes kept of each stream while it runs, and of them in the report. */
export const MOST_KEPT = 1024 * 1024;
const MOST_SHOWN = 16 * 1024;

/** The platform of an image that this machine runs; undefined when there is none. */
export function hostPlatform(platforms: readonly ReadPlatform[]): ReadPlatform | undefined {
  const architecture = { x64: 'amd64', ia32: '386' }[arch() as string] ?? arch();
  return platforms.find(({ platform }) => samePlatform(platform, { os: 'linux', architecture }));
}

/** What is started: the entrypoint, and the settings' arguments or else those of the image. */
export function smokeCommand({ config = {} }: ImageConfig, settings: SmokeSettings): string[] {
  return [...(config.Entrypoint ?? []), ...(settings.args ?? config.Cmd ?? [])];
}

/** The environment that an engine would give it. */
export function smokeEnvironment(
  { config = {} }: ImageConfig,
  home: string,
  settings: SmokeSettings,
): Record<string, string> {
  return { HOME: home, ...imageEnvironment(config), ...settings.env };
}

/** Judges how a start ended. */
export function judgeStart(started: Started, settings: SmokeSettings): Omit<ImageCheck, 'platform'> {
  const { code, late, stdout, stderr } = started;
  if (late === true) {
    return { id: 'run', result: 'failed', detail: `expected it to end, and after ${settings.timeout} s it still ran` };
  }
  if (code !== settings.exitCode) {
    const found = code === null ? 'a signal' : code;
    return { id: 'run', result: 'failed', detail: `expected exit code ${settings.exitCode}, found ${found}` };
  }
  if (settings.output !== undefined && ![stdout, stderr].some((text) => text.includes(settings.output ?? ''))) {
    const detail = `expected it to print ${JSON.stringify(settings.output)}, and it did not`;
    return { id: 'run', result: 'failed', detail };
  }
  const said = settings.output === undefined ? '' : `, and it printed ${JSON.stringify(settings.output)}`;
  return { id: 'run', result: 'passed', detail: `exit code ${settings.exitCode}${said}` };
}

/** What the report keeps of a start. */
export function describeStart(started: Started, subject: SmokeSubject): SmokeRun {
  const { how, code, stdout, stderr } = started;
  const text = (bytes: Buffer): string => bytes.subarray(0, MOST_SHOWN).toString('utf8');
  return {
    platform: subject.platform.text,
    how,
    command: subject.command,
    code,
    stdout: text(stdout),
    stderr: text(stderr),
    cut: stdout.byteLength > MOST_SHOWN || stderr.byteLength > MOST_SHOWN,
  };
}
