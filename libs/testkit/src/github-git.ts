import type { IncomingMessage, ServerResponse } from 'node:http';
import { runProcess, toolEnv } from '@baton/kernel';

/** What a request about a repository's git is. */
export interface GitRequest {
  /** `owner/name`. */
  repository: string;
  /** Whether it is part of a push. */
  push: boolean;
}

/** Reads the path of git's smart HTTP: `/owner/name.git/info/refs`, `/owner/name/git-upload-pack`. */
export function gitRequest(url: URL): GitRequest | undefined {
  const found = /^\/([^/]+)\/([^/]+?)(?:\.git)?\/(info\/refs|git-upload-pack|git-receive-pack)$/.exec(url.pathname);
  if (found === null) return undefined;
  const service = url.searchParams.get('service') ?? found[3];
  return { repository: `${found[1]}/${found[2]}`, push: service === 'git-receive-pack' };
}

/** Answers by git's own server: RFC 3875 (CGI) as far as `git http-backend` needs it. */
export async function serveGit(
  { dir, user }: { dir: string; user: string | undefined },
  url: URL,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const service = /(info\/refs|git-upload-pack|git-receive-pack)$/.exec(url.pathname)?.[1] ?? '';
  const result = await runProcess({
    command: 'git',
    args: ['http-backend'],
    env: toolEnv({
      GIT_PROJECT_ROOT: dir,
      PATH_INFO: `/${service}`,
      GIT_HTTP_EXPORT_ALL: '1',
      GIT_CONFIG_GLOBAL: '/dev/null',
      GIT_CONFIG_NOSYSTEM: '1',
      GIT_CONFIG_COUNT: '2',
      GIT_CONFIG_KEY_0: 'http.receivepack',
      GIT_CONFIG_VALUE_0: 'true',
      GIT_CONFIG_KEY_1: 'safe.directory',
      GIT_CONFIG_VALUE_1: '*',
      QUERY_STRING: url.search.slice(1),
      REQUEST_METHOD: request.method,
      CONTENT_TYPE: request.headers['content-type'] ?? '',
      HTTP_CONTENT_ENCODING: request.headers['content-encoding'] ?? '',
      GIT_PROTOCOL: String(request.headers['git-protocol'] ?? ''),
      REMOTE_ADDR: '127.0.0.1',
      ...(user === undefined ? {} : { REMOTE_USER: user }),
    }),
    stdin: request,
  });
  const out = result.stdout;
  const end = out.indexOf('\r\n\r\n');
  let status = 200;
  for (const line of out.toString('latin1', 0, Math.max(end, 0)).split('\r\n')) {
    const [name = '', value = ''] = line.split(': ');
    if (name === 'Status') status = Number.parseInt(value, 10);
    else if (name !== '') response.setHeader(name, value);
  }
  response.writeHead(end === -1 ? 500 : status).end(end === -1 ? result.stderr : out.subarray(end + 4));
}
