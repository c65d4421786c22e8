import { randomUUID } from 'node:crypto';
import type { Duplex } from 'node:stream';
import { registryKey } from './auth.ts';
import type { Connection } from './connection.ts';
import type { EngineAuth } from './engine.ts';
import { readFields, writeBytes, writeNumber } from './protobuf.ts';

/** A BuildKit session: the line on which a build asks its client for credentials. */
export interface Session {
  /** For the `session` parameter of the build. */
  id: string;
  close(): void;
}

const CREDENTIALS = '/moby.filesync.v1.Auth/Credentials';
const HEALTH = '/grpc.health.v1.Health/Check';

/**
 * Opens a session by `POST /session`: the engine becomes a gRPC client on the connection, and we answer it.
 *
 * dockerode has one as well, which is not used: it needs all of gRPC for one method, gives the same credentials to every
 * registry, ends only when the build's stream ends well, and does not answer the engine's question for its health,
 * whereupon the engine hangs up after a second.
 */
export async function openSession(
  connection: Connection,
  auth: readonly EngineAuth[],
  signal?: AbortSignal,
): Promise<Session> {
  const id = randomUUID();
  const socket: Duplex = await connection.upgrade({
    method: 'POST',
    path: '/session',
    headers: {
      Upgrade: 'h2c',
      'X-Docker-Expose-Session-Uuid': id,
      'X-Docker-Expose-Session-Name': 'baton',
      'X-Docker-Expose-Session-Grpc-Method': [CREDENTIALS, HEALTH],
    },
    signal,
  });
  // Only here: most builds need no session, and HTTP/2 is slow to load.
  const { performServerHandshake } = await import('node:http2');
  const session = performServerHandshake(socket);
  // The engine hanging up is its own affair: the build tells what became of it.
  for (const part of [session, socket]) part.on('error', () => undefined);
  session.on('stream', (stream, headers) => {
    stream.on('error', () => undefined);
    const chunks: Buffer[] = [];
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    stream.on('end', () => {
      if (stream.destroyed) return;
      const reply = answer(String(headers[':path']), Buffer.concat(chunks), auth);
      const type = { ':status': 200, 'content-type': 'application/grpc' };
      if (reply === undefined) {
        // 12: unimplemented (grpc.io, "Status codes"), which the engine takes for "do it yourself".
        stream.respond({ ...type, 'grpc-status': '12' }, { endStream: true });
        return;
      }
      stream.respond(type, { waitForTrailers: true });
      stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
      const prefix = Buffer.alloc(5);
      prefix.writeUInt32BE(reply.byteLength, 1);
      stream.end(Buffer.concat([prefix, reply]));
    });
  });
  return {
    id,
    close() {
      session.destroy();
      socket.destroy();
    },
  };
}

/** Answers one call; undefined for a method that is not ours. Before the message stand five bytes: a flag and its length. */
function answer(path: string, request: Buffer, auth: readonly EngineAuth[]): Buffer | undefined {
  if (path === HEALTH) return writeNumber(1, 1);
  if (path !== CREDENTIALS) return undefined;
  let host = '';
  for (const field of readFields(request.subarray(5)))
    if (field.number === 1 && field.value === undefined) host = field.bytes.toString('utf8');
  const found = auth.find(({ registry }) => registryKey(registry) === registryKey(host));
  if (found === undefined) return Buffer.alloc(0);
  // An identity token is a secret without a user (BuildKit's authprovider).
  if (found.identityToken !== undefined) return writeBytes(2, found.identityToken);
  return Buffer.concat([writeBytes(1, found.username ?? ''), writeBytes(2, found.password ?? '')]);
}
