import { Readable } from 'node:stream';
import { BatonError, type Digest, type Emit, formatBytes } from '@baton/kernel';
import { registryConfigHeader } from './auth.ts';
import { followBuildkit } from './build-buildkit.ts';
import { followClassic } from './build-classic.ts';
import { buildFailure } from './build-failure.ts';
import { removeRemains } from './build-remains.ts';
import type { BuildFollower } from './build-steps.ts';
import type { Connection, Hello } from './connection.ts';
import { type ContextPlan, planContext, planForClassic } from './context-files.ts';
import { packContext } from './context-tar.ts';
import type { EngineBuild, EngineImage, EngineIo } from './engine.ts';
import { interrupted, refusalOf } from './failures.ts';
import { FrameError, readFrames } from './frames.ts';
import { errorOf, inspectImage } from './images.ts';
import { leaveGently } from './leave-gently.ts';
import { openSession, type Session } from './session.ts';

type Protocol = 'buildkit' | 'classic';

/** How an engine can build, best first: every Linux engine since Docker 18.09 has BuildKit, whatever its default is. */
export function protocolsOf({ os, podman }: Hello): Protocol[] {
  return os === 'linux' && !podman ? ['buildkit', 'classic'] : ['classic'];
}

/** Builds a Dockerfile; see {@link EngineBuild} and the port for the errors. */
export async function buildImage(connection: Connection, build: EngineBuild, io: EngineIo): Promise<EngineImage> {
  const plan = await planContext(build);
  const protocols = protocolsOf(await connection.hello(io.signal));
  const wanted = build.protocol ?? 'auto';
  const protocol = wanted === 'auto' ? (protocols[0] ?? 'classic') : wanted;
  if (!protocols.includes(protocol)) {
    throw new BatonError('ENGINE_FAILED', `the container engine at ${connection.address} cannot build by BuildKit`, {
      hint: 'Leave the protocol out, or use an engine that has BuildKit.',
    });
  }
  const id =
    protocol === 'classic'
      ? await buildBy(connection, 'classic', build, plan, io)
      : await buildByBuildkit(connection, build, plan, io, wanted === 'auto');
  const image = await inspectImage(connection, id);
  if (image !== undefined) return image;
  throw new BatonError('ENGINE_FAILED', `the container engine says that it built ${id}, and does not have it`);
}

/**
 * Without a session first, where nobody gave credentials: only a base from a registry that wants some (even anonymous
 * ones, as Docker Hub does) needs one, and most builds have their bases already.
 */
async function buildByBuildkit(
  connection: Connection,
  build: EngineBuild,
  plan: ContextPlan,
  io: EngineIo,
  orClassic: boolean,
): Promise<Digest> {
  if ((build.auth ?? []).length > 0) return await buildInSession(connection, build, plan, io);
  try {
    return await buildBy(connection, 'buildkit', build, plan, io);
  } catch (error) {
    const said = error instanceof BatonError && error.cause instanceof Error ? error.cause.message : '';
    if (/no active session/i.test(said)) return await buildInSession(connection, build, plan, io);
    // Engines with the containerd store look for an uploaded context in the wrong place (seen with 26.1).
    if (orClassic && /failed to read downloaded context/.test(said))
      return await buildBy(connection, 'classic', build, plan, io);
    throw error;
  }
}

async function buildInSession(
  connection: Connection,
  build: EngineBuild,
  plan: ContextPlan,
  io: EngineIo,
): Promise<Digest> {
  const session = await connection.call('opening a session', 'POST /session', io.signal, () =>
    openSession(connection, build.auth ?? [], io.signal),
  );
  try {
    return await buildBy(connection, 'buildkit', build, plan, io, session);
  } finally {
    // Whatever became of the build: dockerode would close it only when the stream of the build ends well.
    session.close();
  }
}

async function buildBy(
  connection: Connection,
  protocol: Protocol,
  build: EngineBuild,
  plan: ContextPlan,
  io: EngineIo,
  session?: Session,
): Promise<Digest> {
  const { signal } = io;
  const what = `building ${build.dockerfile}`;
  const classic = protocol === 'classic' ? followClassic(io.emit) : undefined;
  const sent = classic === undefined ? plan : await planForClassic(plan);
  const follower: BuildFollower = classic ?? followBuildkit(io.emit);
  let done = false;
  try {
    await connection.call(what, `POST /build ${protocol}`, signal, async () => {
      const body = Readable.from(counted(sent, build, io.emit), { objectMode: false });
      const broken = errorOf(body);
      const upload = new AbortController();
      const leave = leaveGently(signal, upload);
      try {
        const query = queryOf(build, plan, protocol, session);
        const headers = headersOf(build);
        const request = { method: 'POST' as const, path: '/build?', query, headers, body, signal: upload.signal };
        const stream = await connection.stream(request);
        leave.from(stream);
        await readFrames(stream, follower.see);
      } catch (error) {
        const cause = broken() ?? error;
        throw signal?.aborted === true ? cause : failureOf(cause, build, follower);
      } finally {
        leave.done();
        // The transport leaves the file open that it was sending.
        body.destroy();
        follower.close();
      }
    });
    // The engine may have been faster than the wish to end it.
    if (signal?.aborted === true) throw interrupted(what);
    const id = follower.image();
    if (id === undefined)
      throw new BatonError('ENGINE_FAILED', `the container engine ended ${what} without naming an image`);
    done = true;
    return id;
  } finally {
    const images = classic?.intermediates.images ?? [follower.image()].filter((id) => id !== undefined);
    if (!done) await removeRemains(connection, { containers: classic?.intermediates.containers ?? new Set(), images });
  }
}

function failureOf(cause: unknown, build: EngineBuild, follower: BuildFollower): unknown {
  const { dockerfile, auth = [] } = build;
  const known = { step: follower.culprit(), dockerfile, hadAuth: auth.length > 0 };
  if (cause instanceof FrameError) return buildFailure({ message: cause.message, exit: cause.exit, ...known }, cause);
  const refusal = refusalOf(cause);
  return refusal === undefined ? cause : buildFailure({ message: refusal.message, ...known }, cause);
}

function headersOf({ auth = [] }: EngineBuild): Record<string, string> {
  return {
    'Content-Type': 'application/x-tar',
    ...(auth.length === 0 ? {} : { 'X-Registry-Config': registryConfigHeader(auth) }),
  };
}

function queryOf(
  build: EngineBuild,
  plan: ContextPlan,
  protocol: Protocol,
  session?: Session,
): Record<string, unknown> {
  const { args = {}, labels = {}, target, platform, network = 'default', tags = [], noCache = false } = build;
  return {
    dockerfile: plan.dockerfile,
    version: protocol === 'buildkit' ? '2' : '1',
    // The engine removes the containers of steps, also those of a step that failed.
    rm: true,
    forcerm: true,
    ...(session === undefined ? {} : { session: session.id }),
    ...(tags.length === 0 ? {} : { t: [...tags] }),
    ...(Object.keys(args).length === 0 ? {} : { buildargs: { ...args } }),
    ...(Object.keys(labels).length === 0 ? {} : { labels: { ...labels } }),
    ...(target === undefined ? {} : { target }),
    ...(platform === undefined ? {} : { platform }),
    ...(network === 'default' ? {} : { networkmode: network }),
    ...(noCache ? { nocache: true } : {}),
  };
}

/** The packed context, told about as it is taken. */
async function* counted(plan: ContextPlan, build: EngineBuild, emit: Emit): AsyncGenerator<Buffer> {
  const work = { id: build.context, label: `context ${build.context}`, total: plan.size, unit: 'bytes' as const };
  emit({ type: 'context.start', ...work, done: 0 });
  let sent = 0;
  for await (const chunk of packContext(plan, build.epoch)) {
    yield chunk;
    sent += chunk.byteLength;
    // Headers and padding count as nothing.
    emit({ type: 'context.progress', ...work, done: Math.min(sent, plan.size) });
  }
  emit({ type: 'context.end', ...work, done: plan.size, detail: formatBytes(plan.size) });
}
