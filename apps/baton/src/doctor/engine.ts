import { stat } from 'node:fs/promises';
import { request } from 'node:http';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { errnoOf } from '@baton/kernel';
import type { DoctorIo, Finding } from './finding.ts';

const COST = 'Nothing: images are built and published without a container engine.';
/** Milliseconds. An engine on the same machine answers in a few. */
const PATIENCE = 2000;

/** A container engine: whether its socket is there and what answers on it. */
export async function findEngine(io: DoctorIo): Promise<Finding> {
  const base = { id: 'engine', title: 'Container engine' };
  const host = io.env.DOCKER_HOST;
  if (host !== undefined && host !== '' && !host.startsWith('unix://')) {
    return {
      ...base,
      state: 'limited',
      detail: `DOCKER_HOST is no unix socket (${host}); it was not asked`,
      cost: COST,
    };
  }
  let silent: Finding | undefined;
  for (const path of socketPaths(io.env)) {
    if ((await stat(path).catch(() => undefined))?.isSocket() !== true) continue;
    const answer = await askVersion(path, io.signal);
    if (typeof answer !== 'string') return { ...base, state: 'here', detail: `${answer.version} (${path})` };
    silent ??= { ...base, state: 'limited', detail: `${path} ${answer}`, cost: COST };
  }
  return silent ?? { ...base, state: 'missing', detail: 'no socket of Docker or Podman', cost: COST };
}

function socketPaths(env: NodeJS.ProcessEnv): string[] {
  const host = env.DOCKER_HOST ?? '';
  if (host !== '') return [host.slice('unix://'.length)];
  const runtime = env.XDG_RUNTIME_DIR;
  return [
    '/var/run/docker.sock',
    ...(runtime === undefined ? [] : [join(runtime, 'docker.sock'), join(runtime, 'podman', 'podman.sock')]),
    '/run/podman/podman.sock',
    join(env.HOME ?? homedir(), '.docker', 'run', 'docker.sock'),
  ];
}

/** The engine's version, or why there is none to be had. */
function askVersion(socketPath: string, signal: AbortSignal): Promise<{ version: string } | string> {
  return new Promise((resolve) => {
    const asked = request({ socketPath, path: '/version', method: 'GET', signal, timeout: PATIENCE }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => {
        chunks.push(chunk);
        if (chunks.length > 64) response.destroy();
      });
      response.on('error', () => resolve('broke off its answer'));
      response.on('end', () => {
        const version = versionIn(Buffer.concat(chunks));
        resolve(version === undefined ? `answered ${response.statusCode} without a version` : { version });
      });
    });
    asked.on('timeout', () => {
      resolve('does not answer');
      asked.destroy();
    });
    asked.on('error', (error) => resolve(`refuses the connection (${errnoOf(error) ?? error.message})`));
    asked.end();
  });
}

function versionIn(bytes: Buffer): string | undefined {
  try {
    const body: unknown = JSON.parse(bytes.toString('utf8'));
    if (typeof body !== 'object' || body === null || !('Version' in body) || typeof body.Version !== 'string') {
      return undefined;
    }
    const platform = 'Platform' in body && typeof body.Platform === 'object' ? body.Platform : null;
    const name = platform !== null && 'Name' in platform && platform.Name !== '' ? String(platform.Name) : 'engine';
    return `${name} ${body.Version}`;
  } catch {
    // Whatever answers here, it does not speak the engine's language.
    return undefined;
  }
}
