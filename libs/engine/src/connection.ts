import type { Agent, IncomingMessage } from 'node:http';
import type { Duplex, Readable } from 'node:stream';
import { inspect } from 'node:util';
import { type BatonError, effect } from '@baton/kernel';
import type Dockerode from 'dockerode';
import { engineAddress } from './address.ts';
import { engineFailure, interrupted, refusalOf, type Unavailable, unavailable } from './failures.ts';

/** What an engine says of itself on every answer. */
export interface Hello {
  apiVersion: string;
  os: string;
  /** Podman's service, which speaks the same API and has no BuildKit. */
  podman: boolean;
}

/** A request for which dockerode has no method, or one whose method stands in the way. */
export interface RawRequest {
  method: 'GET' | 'POST' | 'DELETE';
  /** With a trailing `?` where there is a query. */
  path: string;
  query?: Record<string, unknown>;
  headers?: Record<string, string | string[]>;
  body?: Readable;
  signal?: AbortSignal | undefined;
}

/** A way to one engine: loads dockerode and says hello when it is first used. */
export interface Connection {
  readonly address: string;
  /** Throws `ENGINE_UNAVAILABLE`. Asked once; a failure is not remembered. */
  hello(signal?: AbortSignal): Promise<Hello>;
  /** Runs one call as an effect, after the hello, and translates whatever it throws; `what`: 'pulling base:1'. */
  call<T>(
    what: string,
    target: string,
    signal: AbortSignal | undefined,
    run: (docker: Dockerode) => Promise<T>,
  ): Promise<T>;
  /** What an error means that came after a call returned its stream. */
  failure(error: unknown, what: string, signal?: AbortSignal): BatonError;
  /** Sends a request and returns the answer's stream; throws dockerode's own errors. For use within {@link call}. */
  stream(request: RawRequest): Promise<IncomingMessage>;
  /** Asks to take over the connection for another protocol. */
  upgrade(request: RawRequest): Promise<Duplex>;
  close(): void;
}

/** The oldest API that Baton speaks: Docker 19.03, the first with BuildKit for everybody. */
export const OLDEST_API = '1.40';

const NO_ENGINE: Unavailable = {
  reason: 'what answers there is not a container engine',
  hint: 'Set DOCKER_HOST to where a container engine listens.',
};
// A socket that accepts and never answers must not hang the first call for ever.
const HELLO_LIMIT = 10_000;

/** Prepares the way to the engine that the environment names; connects to nothing yet. */
export function openConnection(env: NodeJS.ProcessEnv): Connection {
  const place = engineAddress(env);
  let loaded: { docker: Dockerode; agent: Agent } | undefined;
  let greeting: Promise<Hello> | undefined;

  const load = async (): Promise<Dockerode> => {
    if (loaded !== undefined) return loaded.docker;
    if (place.endpoint === undefined) throw unavailable(place.address, place);
    // Only here, because loading it takes longer than what most commands do.
    const { default: Docker } = await import('dockerode');
    const { protocol: scheme } = place.endpoint;
    const { Agent } = scheme === 'https' ? await import('node:https') : await import('node:http');
    // Without TLS nobody asks for the name of a server, and working it out takes longer than the request.
    // Connections are not kept: a kept one breaks the next call when the engine was restarted in between.
    const agent = new Agent(scheme === 'https' ? {} : { servername: '' });
    // The transport formats its options for a debug log that nobody reads, agent and open sockets included.
    Object.defineProperty(agent, inspect.custom, { value: () => 'agent' });
    // Every key is given, because dockerode fills those left out from the environment of this process.
    const { socketPath, protocol = 'http', host, port, ca, cert, key } = place.endpoint;
    const docker = new Docker({
      socketPath,
      protocol,
      host,
      port,
      ca,
      cert,
      key,
      pathPrefix: '/',
      timeout: undefined,
      agent,
    } as Dockerode.DockerOptions);
    loaded ??= { docker, agent };
    return loaded.docker;
  };

  const dial = async <T>(request: RawRequest, kind: { isStream: true } | { hijack: true }): Promise<T> => {
    const docker = await load();
    const { method, path, query = {}, headers, body, signal } = request;
    const options = {
      method,
      path,
      options: query,
      statusCodes: { 200: true, 201: true, 204: true },
      ...(headers === undefined ? {} : { headers: { ...headers } }),
      ...(body === undefined ? {} : { file: body }),
      ...(signal === undefined ? {} : { abortSignal: signal }),
      ...kind,
    };
    return await new Promise<T>((resolve, reject) => {
      docker.modem.dial(options, (error: unknown, result: unknown) => {
        if (error === null || error === undefined) resolve(result as T);
        else reject(error);
      });
    });
  };

  const stream = (request: RawRequest): Promise<IncomingMessage> => dial(request, { isStream: true });

  const greet = async (): Promise<Hello> => {
    const limit = AbortSignal.timeout(HELLO_LIMIT);
    try {
      const answer = await stream({ method: 'GET', path: '/_ping', signal: limit });
      answer.resume();
      return readHello(place.address, answer);
    } catch (error) {
      if (limit.aborted) {
        const reason = `no answer within ${HELLO_LIMIT / 1000} seconds`;
        throw unavailable(place.address, { reason, hint: 'Restart the engine.' }, error);
      }
      if (refusalOf(error) !== undefined) throw unavailable(place.address, NO_ENGINE, error);
      const failure = engineFailure(error, place.address, 'asking the container engine');
      if (failure.code === 'ENGINE_UNAVAILABLE') throw failure;
      throw unavailable(place.address, { ...NO_ENGINE, reason: 'the connection broke before it answered' }, error);
    }
  };

  const hello = async (signal?: AbortSignal): Promise<Hello> => {
    greeting ??= greet().catch((error: unknown) => {
      greeting = undefined;
      throw error;
    });
    // Callers share the question, and each may leave.
    return await untilAborted(greeting, signal, 'asking the container engine');
  };

  return {
    address: place.address,
    hello,
    failure: (error, what, signal) => engineFailure(error, place.address, what, signal),
    stream,
    upgrade: (request) => dial(request, { hijack: true }),
    async call(what, target, signal, run) {
      if (signal?.aborted === true) throw interrupted(what);
      await hello(signal);
      const docker = await load();
      try {
        return await effect('request', target, () => run(docker));
      } catch (error) {
        throw engineFailure(error, place.address, what, signal);
      }
    },
    close() {
      loaded?.agent.destroy();
      loaded = undefined;
      greeting = undefined;
    },
  };
}

/** Waits for a promise, and not longer than the signal allows. */
async function untilAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined, what: string): Promise<T> {
  if (signal === undefined) return await promise;
  let onAbort = (): void => undefined;
  try {
    const aborted = new Promise<never>((_, reject) => {
      onAbort = () => reject(interrupted(what));
      signal.addEventListener('abort', onAbort, { once: true });
    });
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}

function readHello(address: string, { headers }: IncomingMessage): Hello {
  const apiVersion = headers['api-version'];
  if (typeof apiVersion !== 'string') throw unavailable(address, NO_ENGINE);
  if (compareVersions(apiVersion, OLDEST_API) < 0) {
    throw unavailable(address, {
      reason: `it is too old: it speaks API ${apiVersion}, and Baton needs ${OLDEST_API} (Docker 19.03) or newer`,
      hint: 'Update the engine.',
    });
  }
  const os = headers.ostype;
  return {
    apiVersion,
    os: typeof os === 'string' ? os : 'linux',
    podman: headers['libpod-api-version'] !== undefined,
  };
}

function compareVersions(one: string, other: string): number {
  const [a = [], b = []] = [one, other].map((text) => text.split('.').map(Number));
  return (a[0] ?? 0) - (b[0] ?? 0) || (a[1] ?? 0) - (b[1] ?? 0);
}
