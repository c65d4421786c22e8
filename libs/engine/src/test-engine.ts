import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ProgressEvent } from '@baton/kernel';
import { findProgram, temporaryDirectory } from '@baton/testkit';
import type { Engine, EngineImage } from './engine.ts';

/** Collects events. */
export function recorder(): { events: ProgressEvent[]; emit(event: ProgressEvent): void } {
  const events: ProgressEvent[] = [];
  return { events, emit: (event) => void events.push(event) };
}

/** A directory with a Dockerfile and the files given. */
export function contextWith(
  dockerfile: string,
  files: Record<string, string> = {},
): { context: string; dockerfile: string } {
  const context = temporaryDirectory('context');
  writeFileSync(join(context, 'Dockerfile'), dockerfile);
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(join(context, name, '..'), { recursive: true });
    writeFileSync(join(context, name), text);
  }
  return { context, dockerfile: join(context, 'Dockerfile') };
}

/** Makes the image `busybox:test`, of one static program, without any registry. */
export async function makeBase(engine: Engine): Promise<EngineImage> {
  const busybox = findProgram('busybox') ?? '/bin/busybox';
  const { context, dockerfile } = contextWith(
    'FROM scratch\nCOPY busybox /bin/busybox\nRUN ["/bin/busybox","--install","-s","/bin"]\nCMD ["/bin/sh"]\n',
  );
  const { copyFileSync } = await import('node:fs');
  copyFileSync(busybox, join(context, 'busybox'));
  return await engine.build(
    { context, dockerfile, network: 'none', tags: ['busybox:test'] },
    { emit: () => undefined },
  );
}

/** What keeps this process alive now, without what kept it alive before. */
export function openResources(before: readonly string[]): string[] {
  const rest = [...before];
  return process.getActiveResourcesInfo().filter((name) => {
    if (/^(Timeout|Immediate|FSReqPromise|FSReqCallback)$/.test(name)) return false;
    const at = rest.indexOf(name);
    if (at >= 0) rest.splice(at, 1);
    return at < 0;
  });
}
