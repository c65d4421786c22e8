import { spawn } from 'node:child_process';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { basename, dirname } from 'node:path';
import { type HttpServer, startHttpServer } from '@baton/testkit';

/** A git server over HTTP: git's own `http-backend` behind a small one of ours. */
export interface HttpGit {
  /** The repository, as a client names it. */
  url: string;
  /** What each request had as `Authorization`. */
  seen: (string | undefined)[];
  stop(): Promise<void>;
}

/**
 * Serves a bare repository.
 *
 * @param answer answers a request itself (and returns true), or lets git do it
 */
export async function serveGit(
  bare: string,
  answer: (request: IncomingMessage, response: ServerResponse) => boolean = () => false,
): Promise<HttpGit> {
  const seen: (string | undefined)[] = [];
  const server: HttpServer = await startHttpServer((request, response) => {
    seen.push(request.headers.authorization);
    if (!answer(request, response)) backend(dirname(bare), request, response);
  });
  return { url: `http://${server.host}/${encodeURIComponent(basename(bare))}`, seen, stop: () => server.stop() };
}

// RFC 3875 as far as git needs it.
function backend(root: string, request: IncomingMessage, response: ServerResponse): void {
  const url = new URL(request.url ?? '/', 'http://localhost');
  const child = spawn('git', ['http-backend'], {
    env: {
      PATH: process.env.PATH,
      GIT_PROJECT_ROOT: root,
      GIT_HTTP_EXPORT_ALL: '1',
      GIT_CONFIG_GLOBAL: '/dev/null',
      GIT_CONFIG_COUNT: '2',
      GIT_CONFIG_KEY_0: 'http.receivepack',
      GIT_CONFIG_VALUE_0: 'true',
      GIT_CONFIG_KEY_1: 'safe.directory',
      GIT_CONFIG_VALUE_1: '*',
      PATH_INFO: decodeURIComponent(url.pathname),
      QUERY_STRING: url.search.slice(1),
      REQUEST_METHOD: request.method,
      CONTENT_TYPE: request.headers['content-type'] ?? '',
      HTTP_CONTENT_ENCODING: request.headers['content-encoding'] ?? '',
      GIT_PROTOCOL: String(request.headers['git-protocol'] ?? ''),
      REMOTE_ADDR: '127.0.0.1',
    },
  });
  request.pipe(child.stdin);
  child.stdin.on('error', () => undefined);
  const chunks: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  child.on('close', () => {
    const out = Buffer.concat(chunks);
    const end = out.indexOf('\r\n\r\n');
    let status = 200;
    for (const line of out.toString('latin1', 0, end).split('\r\n')) {
      const [name = '', value = ''] = line.split(': ');
      if (name === 'Status') status = Number.parseInt(value, 10);
      else if (name !== '') response.setHeader(name, value);
    }
    response.writeHead(status).end(out.subarray(end + 4));
  });
}
