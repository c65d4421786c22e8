import { BatonError, registerSecret } from '@baton/kernel';
import { type Challenge, parseChallenges } from './challenge.ts';
import type { CredentialSource } from './credentials.ts';
import { asBasic, basicValue, type Credentials, known } from './credentials-forms.ts';
import type { HttpRequest } from './http.ts';
import type { HttpResponse } from './http-response.ts';
import { clean, missingCredentials, type Subject } from './registry-errors.ts';

/** What a token is asked for: `repository:acme/app:pull,push` (distribution's token scope grammar). */
export type Scope = string;

/** Knows how a registry wants to be convinced, and does it. */
export interface Authorizer {
  /** The `Authorization` value to send, from what is known already; undefined before the first challenge. */
  header(scopes: readonly Scope[]): Promise<string | undefined>;
  /**
   * Learns from a 401 and returns the value to repeat with. Throws `AUTH_MISSING` when credentials are wanted and there
   * are none, `REGISTRY_PROTOCOL` for a challenge that cannot be answered, and what the token server's answer means.
   */
  answer(challenge: string | undefined, scopes: readonly Scope[], refused: string | undefined): Promise<string>;
  /** Whether credentials were asked for, found and used, and where they come from. */
  readonly credentials: Subject['credentials'];
}

/**
 * The part of a session that fetches tokens: repeats and errors are its business. Undefined for one of the statuses in
 * `refusals`.
 */
export type Fetch = <T>(
  request: HttpRequest,
  doing: string,
  handle: (response: HttpResponse) => Promise<T>,
  refusals?: readonly number[],
) => Promise<T | undefined>;

interface Token {
  atoms: ReadonlySet<string>;
  value: Promise<string>;
  /** On the clock of `performance.now()`. */
  expires: number;
}

const TOKEN_LIMIT = 256 * 1024;
// "If the expires_in field is omitted, the client should assume 60 seconds" (distribution, token authentication).
const DEFAULT_LIFE = 60;

/**
 * Makes the authorizer of one client. Bearer tokens are kept per scope, and a token that covers more serves requests
 * that need less; callers at the same time share one token request. Basic credentials are looked up once.
 *
 * @param secure whether the registry is reached over https; then a token server over http is refused
 */
export function createAuthorizer(host: string, secure: boolean, source: CredentialSource, fetch: Fetch): Authorizer {
  let challenge: Challenge | undefined;
  const lookups = new Map<string, Promise<Credentials | undefined>>();
  let given = false;
  let tokens: Token[] = [];

  const credentials = async (scopes: readonly Scope[]): Promise<Credentials | undefined> => {
    const repository = repositoryOf(scopes);
    const lookup =
      lookups.get(repository ?? '') ??
      // Whatever the source, what it found must not be shown.
      source.find(host, repository).then((found) => (found === undefined ? undefined : known(found)));
    lookups.set(repository ?? '', lookup);
    const found = await lookup;
    given = found !== undefined;
    return found;
  };
  const status = (): Subject['credentials'] => ({
    asked: challenge !== undefined,
    given,
    description: source.description,
  });
  const subject = (): Subject => ({ host, doing: 'signing in', credentials: status() });

  const basic = async (scopes: readonly Scope[]): Promise<string> => {
    const found = await credentials(scopes);
    if (found !== undefined && 'username' in found) return `Basic ${basicValue(found)}`;
    throw missingCredentials(subject(), 'user and password for Basic', { host });
  };

  const bearer = async (via: Challenge, scopes: readonly Scope[]): Promise<string> => {
    const atoms = new Set(scopes.flatMap(atomsOf));
    const now = performance.now();
    tokens = tokens.filter(({ expires }) => expires > now);
    const cached = tokens.find((token) => [...atoms].every((atom) => token.atoms.has(atom)));
    if (cached !== undefined) return `Bearer ${await cached.value}`;
    const requested = (async () => requestToken(via, scopes, await credentials(scopes), secure, host, fetch))();
    const token: Token = { atoms, expires: Number.POSITIVE_INFINITY, value: requested.then(({ value }) => value) };
    // In the list before it is there: callers at the same time wait for this one.
    tokens.push(token);
    requested.then(
      ({ life }) => {
        // Renewed a little early, so that it does not run out on the way.
        token.expires = performance.now() + life * 1000 * 0.9;
      },
      () => {
        tokens = tokens.filter((other) => other !== token);
      },
    );
    return `Bearer ${await token.value}`;
  };

  return {
    get credentials() {
      return status();
    },
    async header(scopes) {
      if (challenge === undefined) return undefined;
      return challenge.scheme === 'basic' ? await basic(scopes) : await bearer(challenge, scopes);
    },
    async answer(header, scopes, refused) {
      const offered = parseChallenges(header);
      const next =
        offered.find(({ scheme, params }) => scheme === 'bearer' && params.has('realm')) ??
        offered.find(({ scheme }) => scheme === 'basic');
      if (next === undefined) {
        throw new BatonError(
          'REGISTRY_PROTOCOL',
          `${host} answered 401 without a challenge that can be answered (Basic or Bearer)`,
          {
            hint: 'Check that the host is a registry.',
            details: { host, schemes: offered.map(({ scheme }) => scheme) },
          },
        );
      }
      challenge = next;
      if (next.scheme === 'basic') return await basic(scopes);
      if (refused !== undefined) await forget(refused);
      const wanted =
        next.params
          .get('scope')
          ?.split(' ')
          .filter((scope) => scope !== '') ?? [];
      return await bearer(next, union(scopes, wanted));
    },
  };

  async function forget(refused: string): Promise<void> {
    const values = await Promise.all(tokens.map(({ value }) => value.catch(() => undefined)));
    const gone = new Set(tokens.filter((_, i) => `Bearer ${values[i]}` === refused));
    tokens = tokens.filter((token) => !gone.has(token));
  }
}

/** The repository that scopes are mainly about: the first one; that of a mount's source comes second. */
function repositoryOf(scopes: readonly Scope[]): string | undefined {
  return /^repository:(.+):[^:]*$/.exec(scopes[0] ?? '')?.[1];
}

function atomsOf(scope: Scope): string[] {
  const colon = scope.lastIndexOf(':');
  return scope
    .slice(colon + 1)
    .split(',')
    .map((action) => `${scope.slice(0, colon)}:${action}`);
}

/** Both lists, leaving out scopes of the second that the first covers. */
function union(first: readonly Scope[], second: readonly Scope[]): Scope[] {
  const covered = new Set(first.flatMap(atomsOf));
  return [...first, ...second.filter((scope) => !atomsOf(scope).every((atom) => covered.has(atom)))];
}

async function requestToken(
  challenge: Challenge,
  scopes: readonly Scope[],
  credentials: Credentials | undefined,
  secure: boolean,
  host: string,
  fetch: Fetch,
): Promise<{ value: string; life: number }> {
  const url = realmOf(challenge, secure, host);
  const service = challenge.params.get('service');
  const query = new URLSearchParams();
  if (service !== undefined) query.set('service', service);
  const headers: Record<string, string> = { Accept: 'application/json' };
  const doing = `asking ${url.host} for a token`;
  const read = async (response: HttpResponse): Promise<{ value: string; life: number }> => {
    const { bytes } = await response.bytes(TOKEN_LIMIT);
    return tokenOf(bytes.toString('utf8'), url.host);
  };
  if (credentials !== undefined && 'identityToken' in credentials) {
    const form = new URLSearchParams(query);
    form.set('grant_type', 'refresh_token');
    form.set('client_id', 'baton');
    form.set('refresh_token', credentials.identityToken);
    form.set('scope', scopes.join(' '));
    const type = { 'Content-Type': 'application/x-www-form-urlencoded' };
    const post = { url, headers: { ...headers, ...type }, body: Buffer.from(form.toString()) };
    const target = `POST ${url.host} (token)`;
    const issued = await fetch({ ...post, method: 'POST', target }, doing, read, NO_OAUTH);
    if (issued !== undefined) return issued;
  }
  for (const scope of scopes) query.append('scope', scope);
  for (const [name, value] of query) url.searchParams.append(name, value);
  if (credentials !== undefined) headers.Authorization = `Basic ${basicValue(asBasic(credentials))}`;
  const issued = await fetch({ method: 'GET', url, headers, target: `GET ${url.host} (token)` }, doing, read);
  if (issued !== undefined) return issued;
  throw noToken(url.host);
}

/**
 * "Not all token servers implement oauth2. If the request to the endpoint returns 404 using the HTTP POST method", the
 * GET that all of them know is to be used (distribution, "OAuth2 Token Authentication"); some answer 405.
 */
const NO_OAUTH = [404, 405];

function realmOf(challenge: Challenge, secure: boolean, host: string): URL {
  const text = challenge.params.get('realm') ?? '';
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const allowed = url?.protocol === 'https:' || (url?.protocol === 'http:' && !secure);
  if (url === undefined || !allowed || url.username !== '' || url.password !== '') {
    throw new BatonError(
      'REGISTRY_PROTOCOL',
      `${host} names a token server that must not be used: expected ${secure ? 'https' : 'http or https'}, found "${clean(text)}"`,
      { hint: "Credentials are not sent there. Check the registry's configuration.", details: { host } },
    );
  }
  return url;
}

function tokenOf(text: string, server: string): { value: string; life: number } {
  let body: { token?: unknown; access_token?: unknown; expires_in?: unknown; refresh_token?: unknown } = {};
  try {
    body = (JSON.parse(text) ?? {}) as typeof body;
  } catch {
    // Handled below: no token in it.
    body = {};
  }
  const value = [body.token, body.access_token].find((item) => typeof item === 'string' && item !== '');
  if (typeof value !== 'string' || !/^[\x21-\x7e]+$/.test(value)) {
    throw noToken(server);
  }
  // A token server may hand out a new identity token; nobody here keeps it.
  if (typeof body.refresh_token === 'string') registerSecret(body.refresh_token);
  registerSecret(value);
  const life = typeof body.expires_in === 'number' && body.expires_in > 0 ? body.expires_in : DEFAULT_LIFE;
  return { value, life };
}

function noToken(server: string): BatonError {
  return new BatonError('REGISTRY_PROTOCOL', `the token server ${server} answered without a token`, {
    hint: "Check the registry's configuration, or try again later.",
  });
}
