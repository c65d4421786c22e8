import { randomBytes } from 'node:crypto';
import type { Exchange } from './registry-exchange.ts';

/** Who may do what at a test registry. */
export interface RegistryAuth {
  /** 'both' offers Basic and Bearer in one header. */
  scheme: 'basic' | 'bearer' | 'both';
  username: string;
  password: string;
  /** Everybody may read. */
  anonymousPull?: boolean;
  /** Accepted by `POST /token` with `grant_type=refresh_token`. */
  identityToken?: string;
  /** `expires_in` of tokens, seconds; left out of the answer by default. */
  life?: number;
  /** Narrows what the user may do: 'pull', 'push'. */
  allow?(repository: string, action: string): boolean;
}

/** What a request needs: `pull` or `push` on repositories. */
export type Right = { repository: string; action: 'pull' | 'push' };

/** How a request is answered by the gate: let in, or told what to bring. */
export type Admission = { admitted: true } | { admitted: false; status: 401 | 403; challenge: string };

/** The gate of a registry: checks requests and issues tokens. */
export interface Gate {
  admit(exchange: Exchange, rights: readonly Right[]): Admission;
  /** Answers the token request: status and JSON. */
  issue(exchange: Exchange, form: URLSearchParams): { status: number; body: unknown };
  /** Makes every token issued so far invalid. */
  expire(): void;
}

/** Makes the gate; without `auth` everybody is let in. */
export function createGate(auth: RegistryAuth | undefined, realm: () => string): Gate {
  const tokens = new Map<string, Set<string>>();
  const basic = auth === undefined ? '' : Buffer.from(`${auth.username}:${auth.password}`).toString('base64');

  const challenge = (rights: readonly Right[], error?: string): string => {
    const scopes = new Map<string, string[]>();
    for (const { repository, action } of rights) {
      scopes.set(repository, [...(scopes.get(repository) ?? []), action]);
    }
    const scope = [...scopes].map(([name, actions]) => `repository:${name}:${actions.join(',')}`).join(' ');
    const bearer = `Bearer realm="${realm()}",service="test"${scope === '' ? '' : `,scope="${scope}"`}${error === undefined ? '' : `,error="${error}"`}`;
    if (auth?.scheme === 'basic') return 'Basic realm="test registry"';
    return auth?.scheme === 'both' ? `${bearer}, Basic realm="test registry"` : bearer;
  };

  const granted = (atom: string, known: boolean): boolean => {
    const [, repository = '', action = ''] = /^repository:(.+):([a-z]+)$/.exec(atom) ?? [];
    if (known) return auth?.allow?.(repository, action) ?? true;
    return auth?.anonymousPull === true && action === 'pull';
  };

  return {
    admit({ request }, rights) {
      if (auth === undefined) return { admitted: true };
      const [scheme = '', value = ''] = (request.headers.authorization ?? '').split(' ');
      const wanted = rights.map(({ repository, action }) => `repository:${repository}:${action}`);
      if (scheme === 'Basic' && auth.scheme !== 'bearer') {
        if (value !== basic) return { admitted: false, status: 401, challenge: challenge(rights) };
        const denied = wanted.some((atom) => !granted(atom, true));
        return denied ? { admitted: false, status: 403, challenge: '' } : { admitted: true };
      }
      if (scheme === 'Bearer' && auth.scheme !== 'basic') {
        const token = tokens.get(value);
        if (token !== undefined && wanted.every((atom) => token.has(atom))) return { admitted: true };
        const error = token === undefined ? 'invalid_token' : 'insufficient_scope';
        return { admitted: false, status: 401, challenge: challenge(rights, error) };
      }
      if (auth.scheme === 'basic' && wanted.length > 0 && wanted.every((atom) => granted(atom, false))) {
        return { admitted: true };
      }
      return { admitted: false, status: 401, challenge: challenge(rights) };
    },
    issue({ request, url }, form) {
      const refused = { status: 401, body: { errors: [{ code: 'UNAUTHORIZED', message: 'who are you?' }] } };
      if (auth === undefined) return { status: 404, body: {} };
      const header = request.headers.authorization;
      const byRefresh = request.method === 'POST';
      if (byRefresh && form.get('refresh_token') !== auth.identityToken) {
        return { status: 400, body: { error: 'invalid_grant', error_description: 'refresh token is not valid' } };
      }
      if (!byRefresh && header !== undefined && header !== `Basic ${basic}`) return refused;
      if (!byRefresh && header === undefined && auth.anonymousPull !== true) return refused;
      const known = byRefresh || header !== undefined;
      const scopes = byRefresh ? (form.get('scope') ?? '').split(' ') : url.searchParams.getAll('scope');
      const atoms = scopes.flatMap((scope) => {
        const colon = scope.lastIndexOf(':');
        return scope
          .slice(colon + 1)
          .split(',')
          .map((action) => `${scope.slice(0, colon)}:${action}`);
      });
      const token = `test-token-${randomBytes(16).toString('hex')}`;
      tokens.set(token, new Set(atoms.filter((atom) => granted(atom, known))));
      const life = auth.life === undefined ? {} : { expires_in: auth.life };
      return { status: 200, body: byRefresh ? { access_token: token, ...life } : { token, ...life } };
    },
    expire: () => tokens.clear(),
  };
}
