import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Engine } from '@baton/engine';
import { effect, ensureDir, temporaryName, toBatonError } from '@baton/kernel';
import { type ContentStore, openStore } from '@baton/oci';
import type { ImageIo } from '../types.ts';
import { findUser } from './image-user.ts';
import type { ReadPlatform } from './read-documents.ts';
import type { ReadLayers } from './read-layers.ts';
import { startInEngine } from './smoke-engine.ts';
import {
  type Attempt,
  describeStart,
  hostPlatform,
  judgeStart,
  type SmokeSettings,
  type SmokeSubject,
  smokeCommand,
  smokeEnvironment,
} from './smoke-run.ts';
import { removeUnpacked, startUnpacked } from './smoke-unpacked.ts';
import type { Subject } from './subject.ts';
import type { ImageCheck, SmokeRun } from './types.ts';

/** The one start of an image, prepared before its layers are read: without an engine their bytes are kept meanwhile. */
export interface Smoke {
  spool?: { platform: ReadPlatform; store: ContentStore } | undefined;
  /** Told of each platform whose layers were read; what it needs is put aside. */
  take(platform: ReadPlatform, layers: ReadLayers): void;
  start(): Promise<{ check: ImageCheck; report?: SmokeRun | undefined }>;
  /** Leaves nothing behind. */
  close(): Promise<void>;
}

/** Where images are unpacked for their one start; what killed runs left there is theirs to sweep who come next. */
export function runsDirectory(io: Pick<ImageIo, 'cacheDir'>): string {
  return join(io.cacheDir, 'v1', 'runs');
}

/**
 * Prepares the start of the platform that this machine runs: in the engine when one answers, else unpacked.
 */
export async function openSmoke(
  platforms: readonly ReadPlatform[],
  settings: SmokeSettings,
  subject: Subject,
  io: ImageIo,
  connect: (env: NodeJS.ProcessEnv) => Engine | Promise<Engine>,
): Promise<Smoke> {
  const runs = runsDirectory(io);
  const platform = hostPlatform(platforms);
  if (platform === undefined) return nothingToStart(platforms);
  const { engine, why: noEngine } = await answeringEngine(connect, io);
  const dir = temporaryName(join(runs, 'verify'));
  let isMade = false;
  const makeDir = async (): Promise<ContentStore> => {
    await ensureDir(runs);
    if (!isMade) await effect('mkdir', dir, () => mkdir(dir, { mode: 0o700 }));
    isMade = true;
    return openStore(dir);
  };
  const spool = engine !== undefined ? undefined : { platform, store: await makeDir() };
  let smoke: SmokeSubject | undefined;

  return {
    spool,
    take(read, { tree, sizes }) {
      if (read !== platform || tree === undefined) return;
      const { config } = platform;
      const home = findUser(config.config?.User ?? '', tree).user?.home ?? '/';
      const command = smokeCommand(config, settings);
      smoke = { platform, sizes, tree, settings, command, env: smokeEnvironment(config, home, settings) };
    },
    async start() {
      const check = { id: 'run', platform: platform.text };
      if (smoke === undefined) return { check: { ...check, ...pending('the files of the image could not be read') } };
      if (smoke.command.length === 0) return { check: { ...check, ...pending('the image names no program to start') } };
      io.emit({ type: 'run.start', id: 'run', label: `starting ${smoke.command.join(' ')}` });
      const why: string[] = [];
      if (engine !== undefined) {
        const attempt = await startInEngine(
          engine,
          smoke,
          subject,
          () => subject.readConfig(platform.manifest.config),
          io,
        );
        if (attempt.started !== undefined) return ended(attempt, smoke, io);
        why.push(attempt.why);
      } else why.push(noEngine);
      const store = await makeDir();
      for (const layer of platform.manifest.layers) {
        await store.ingest(subject.open(layer), { digest: layer.digest, size: layer.size });
      }
      const attempt = await startUnpacked(dir, smoke, store, io);
      if (attempt.started !== undefined) return ended(attempt, smoke, io);
      io.emit({ type: 'run.end', id: 'run', detail: 'not possible here' });
      return { check: { ...check, ...pending(`it could not be started here: ${[...why, attempt.why].join('; ')}`) } };
    },
    async close() {
      engine?.close();
      if (isMade) await removeUnpacked(dir);
    },
  };
}

async function answeringEngine(
  connect: (env: NodeJS.ProcessEnv) => Engine | Promise<Engine>,
  io: ImageIo,
): Promise<{ engine: Engine; why: '' } | { engine?: undefined; why: string }> {
  try {
    const engine = await connect(io.env);
    const { available, address, reason } = await engine.probe(io.signal);
    if (available) return { engine, why: '' };
    engine.close();
    return { why: `no container engine at ${address} (${reason ?? 'no answer'})` };
  } catch (error) {
    const { code, message } = toBatonError(error);
    if (code === 'INTERRUPTED' || code === 'INTERNAL') throw error;
    return { why: `no container engine (${message})` };
  }
}

function nothingToStart(platforms: readonly ReadPlatform[]): Smoke {
  const names = platforms.map(({ text }) => text).join(', ') || 'nothing';
  const detail = `this machine runs none of its platforms (${names})`;
  return {
    take: () => undefined,
    start: async () => ({ check: { id: 'run', ...pending(detail) } }),
    close: async () => undefined,
  };
}

function ended(
  { started }: Extract<Attempt, { started: object }>,
  smoke: SmokeSubject,
  io: ImageIo,
): { check: ImageCheck; report: SmokeRun } {
  const check: ImageCheck = { ...judgeStart(started, smoke.settings), platform: smoke.platform.text };
  io.emit({ type: 'run.end', id: 'run', detail: check.detail });
  return { check, report: describeStart(started, smoke) };
}

function pending(detail: string): { result: 'pending'; detail: string } {
  return { result: 'pending', detail };
}
