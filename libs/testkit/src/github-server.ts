import type { IncomingMessage, ServerResponse } from 'node:http';
import { type GithubExchange, GithubRefusal, type GithubRoute, invalid, notFound } from './github-answers.ts';
import { createGithubFaults, type GithubFault, type GithubFaults } from './github-faults.ts';
import { gitRequest, serveGit } from './github-git.ts';
import { pullRoutes } from './github-pull-routes.ts';
import { createGithubRepository, type GithubRepository, githubRoot } from './github-repository.ts';
import { checkRoutes, labelRoutes, repositoryRoutes } from './github-repository-routes.ts';
import { startHttpServer } from './http-server.ts';

/** What a token may do; reading where `write` is missing. Fine-grained permissions that it lacks are 403. */
export interface GithubToken {
  write?: boolean;
  /** Permissions that it does not have: `pull_requests=write`, `contents=write`. */
  lacks?: readonly string[];
}

/** One request, as it came. */
export interface GithubRequest {
  method: string;
  /** Path and query. */
  url: string;
  /** `Authorization`, as it came. */
  authorization: string | undefined;
  status: number;
}

/**
 * A GitHub server of one test: the part of its REST API that is used, under `/api/v3` as GitHub Enterprise has it, and git's smart
 * HTTP, over real bare repositories. Routes are files of their own; releases, tags and assets will be more of them.
 *
 * | Rule | Answer |
 * |:--|:--|
 * | no token: what is public can be read, at a lower limit | 200; 404 for what is private, 401 for changes |
 * | a wrong token | 401 "Bad credentials", also for what is public |
 * | a token without the permission | 403 "Resource not accessible by personal access token", `x-accepted-github-permissions` |
 * | git without credentials where some are needed | 401 with `WWW-Authenticate: Basic` |
 * | every answer has `x-ratelimit-limit`, `-remaining`, `-reset` (seconds since 1970); with nothing left | 403 "API rate limit exceeded" |
 * | secondary limits: `secondaryLimit` | 403 with `retry-after` |
 */
export interface FakeGithub {
  /** `http://127.0.0.1:PORT`. */
  readonly url: string;
  /** The root of the API. */
  readonly api: string;
  readonly tokens: Map<string, GithubToken>;
  readonly requests: readonly GithubRequest[];
  readonly faults: GithubFaults;
  /** What is left of the rate limit, and when it is filled again (seconds since 1970). */
  readonly limit: { remaining: number; reset: number };
  addRepository(fullName: string): Promise<GithubRepository>;
  /** How many requests of a method there were whose path holds a text; reading git's refs is a `GET` as well. */
  count(method: string, path?: string): number;
  stop(): Promise<void>;
}

/** Starts one on a free port of this machine. The token `writer-token` may do everything, `reader-token` reads. */
export async function startGithub(): Promise<FakeGithub> {
  const repositories = new Map<string, GithubRepository>();
  const tokens = new Map<string, GithubToken>([
    ['writer-token', { write: true }],
    ['reader-token', {}],
  ]);
  const requests: GithubRequest[] = [];
  const faults = createGithubFaults();
  const limit = { remaining: 5000, reset: 4_000_000_000 };
  const root = githubRoot();
  let lastId = 0;
  const nextId = (): number => {
    lastId += 1;
    return lastId;
  };
  const find = ({ path }: Pick<GithubExchange, 'path'>): GithubRepository => {
    const found = repositories.get(`${path.owner}/${path.repo}`.toLowerCase());
    if (found === undefined) throw notFound();
    return found;
  };
  const routes = [...repositoryRoutes(find), ...pullRoutes(find, nextId), ...labelRoutes(find), ...checkRoutes(find)];

  const api = async (request: IncomingMessage, url: URL, reply: Reply): Promise<void> => {
    limit.remaining -= 1;
    reply.header('x-ratelimit-limit', '5000');
    reply.header('x-ratelimit-remaining', String(Math.max(limit.remaining, 0)));
    reply.header('x-ratelimit-reset', String(limit.reset));
    if (limit.remaining < 0) throw new GithubRefusal(403, 'API rate limit exceeded for user ID 1.');
    const path = url.pathname.slice('/api/v3'.length);
    const token = tokenOf(request, tokens);
    const matched = match(routes, request.method ?? '', path);
    if (matched === undefined) throw notFound();
    const repository = find(matched);
    if (repository.private && token === undefined) throw notFound();
    demand(token, matched.route.needs);
    const body = await readJson(request);
    const exchange: GithubExchange = {
      path: matched.path,
      query: url.searchParams,
      body,
      page: (items) => reply.page(items, url),
    };
    reply.json(matched.route.status, await matched.route.answer(exchange));
  };

  const git = async (request: IncomingMessage, response: ServerResponse, url: URL): Promise<void> => {
    const wanted = gitRequest(url);
    const repository = repositories.get(wanted?.repository.toLowerCase() ?? '');
    if (wanted === undefined || repository === undefined) throw notFound();
    const token = tokenOf(request, tokens);
    if (token === undefined && (wanted.push || repository.private)) {
      response.setHeader('WWW-Authenticate', 'Basic realm="GitHub"');
      throw new GithubRefusal(401, 'Authentication required');
    }
    if (wanted.push && (token?.write !== true || token.lacks?.includes('contents=write') === true)) {
      throw new GithubRefusal(403, 'Write access to repository not granted.');
    }
    await serveGit({ dir: repository.dir, user: token === undefined ? undefined : 'ada' }, url, request, response);
  };

  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const url = new URL(request.url ?? '/', server.url);
    const fault = faults.take(request.method ?? '', url.pathname);
    await fault?.run?.();
    const reply = createReply(response);
    if (fault === undefined || fault.answer === 'serve' || fault.when === 'after') {
      const isApi = url.pathname.startsWith('/api/v3/');
      try {
        await (isApi ? api(request, url, reply) : git(request, response, url));
      } catch (error) {
        if (!(error instanceof GithubRefusal)) throw error;
        for (const [name, value] of Object.entries(error.headers)) reply.header(name, value);
        reply.json(error.status, error.body);
      }
    }
    finish(fault, reply, response);
  };

  const server = await startHttpServer((request, response) => {
    const { method = '', url = '' } = request;
    const record = { method, url, authorization: request.headers.authorization, status: 0 };
    requests.push(record);
    response.once('finish', () => {
      record.status = response.statusCode;
    });
    serve(request, response).catch((error: unknown) => {
      if (!response.headersSent) response.writeHead(500);
      response.end(error instanceof Error ? error.stack : String(error));
    });
  });
  const origin = `http://${server.host}`;
  return {
    url: origin,
    api: `${origin}/api/v3`,
    tokens,
    requests,
    faults,
    limit,
    async addRepository(fullName) {
      const [owner = '', name = ''] = fullName.split('/');
      const made = await createGithubRepository({ owner, name, url: `${origin}/${fullName}.git`, root }, nextId);
      repositories.set(fullName.toLowerCase(), made);
      return made;
    },
    count: (method, path = '') =>
      requests.filter((request) => request.method === method && request.url.includes(path)).length,
    stop: () => server.stop(),
  };
}

/** An answer that is kept back until it is known whether it will be sent. */
interface Reply {
  header(name: string, value: string): void;
  json(status: number, body: unknown): void;
  page<T>(items: readonly T[], url: URL): T[];
  kept: { status: number; body: string } | undefined;
}

function createReply(response: ServerResponse): Reply {
  const reply: Reply = {
    kept: undefined,
    header: (name, value) => void response.setHeader(name, value),
    json(status, body) {
      reply.kept = { status, body: JSON.stringify(body) };
    },
    page(items, url) {
      const size = Math.min(Number(url.searchParams.get('per_page') ?? 30) || 30, 100);
      const page = Math.max(Number(url.searchParams.get('page') ?? 1) || 1, 1);
      const last = Math.max(Math.ceil(items.length / size), 1);
      const link = (to: number, rel: string): string => {
        const target = new URL(url);
        target.searchParams.set('page', String(to));
        return `<${target.href}>; rel="${rel}"`;
      };
      const links = [
        ...(page > 1 ? [link(page - 1, 'prev'), link(1, 'first')] : []),
        ...(page < last ? [link(page + 1, 'next'), link(last, 'last')] : []),
      ];
      if (links.length > 0) response.setHeader('Link', links.join(', '));
      return items.slice((page - 1) * size, page * size);
    },
  };
  return reply;
}

function finish(fault: GithubFault | undefined, reply: Reply, response: ServerResponse): void {
  const answer = fault?.answer ?? 'serve';
  if (answer === 'stall') return;
  if (answer === 'drop') {
    response.destroy();
    return;
  }
  if (response.writableEnded) return;
  const sent =
    answer === 'serve'
      ? reply.kept
      : {
          status: answer.status,
          body: typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body ?? {}),
        };
  if (answer !== 'serve') for (const [name, value] of Object.entries(answer.headers ?? {})) reply.header(name, value);
  if (!response.hasHeader('content-type')) response.setHeader('content-type', 'application/json; charset=utf-8');
  response.writeHead(sent?.status ?? 500).end(sent?.body ?? '');
}

function tokenOf(request: IncomingMessage, tokens: ReadonlyMap<string, GithubToken>): GithubToken | undefined {
  const [scheme = '', value = ''] = request.headers.authorization?.split(' ') ?? [];
  if (scheme === '') return undefined;
  const isBasic = scheme.toLowerCase() === 'basic';
  const text = isBasic ? (Buffer.from(value, 'base64').toString('utf8').split(':')[1] ?? '') : value;
  const token = tokens.get(text);
  if (token === undefined) throw new GithubRefusal(401, 'Bad credentials');
  return token;
}

function demand(token: GithubToken | undefined, needs: string | undefined): void {
  if (needs === undefined) return;
  if (token === undefined) throw new GithubRefusal(401, 'Requires authentication');
  if (token.write === true && token.lacks?.includes(needs) !== true) return;
  throw new GithubRefusal(403, 'Resource not accessible by personal access token', {
    headers: { 'x-accepted-github-permissions': needs },
  });
}

function match(
  routes: readonly GithubRoute[],
  method: string,
  path: string,
): { route: GithubRoute; path: Record<string, string> } | undefined {
  for (const candidate of routes) {
    const pattern = candidate.path.replace(/\{(\w+)(\+?)\}/g, (_, name: string, more: string) =>
      more === '+' ? `(?<${name}>.+)` : `(?<${name}>[^/]+)`,
    );
    const found = new RegExp(`^${pattern}$`).exec(path);
    if (found === null || candidate.method !== method) continue;
    const values = Object.entries(found.groups ?? {}).map(([name, value]) => [name, decodeURIComponent(value)]);
    return { route: candidate, path: Object.fromEntries(values) };
  }
  return undefined;
}

async function readJson(request: IncomingMessage): Promise<Record<string, unknown>> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  if (chunks.length === 0) return {};
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8')) as Record<string, unknown>;
  } catch {
    throw invalid({ resource: 'Body', code: 'invalid' });
  }
}
