import { BatonError } from '@baton/kernel';
import type { HttpResponse } from './http-response.ts';
import { readProblems } from './registry-errors.ts';
import type { Call, Session } from './registry-session.ts';
import { Again } from './retry.ts';

const MOST_REDIRECTS = 5;

/** A request without a body, whose answer is to be read by the caller. */
export type Lookup = Pick<Call<never>, 'url' | 'scopes' | 'doing'> & {
  method: 'GET' | 'HEAD';
  headers: Record<string, string>;
};

/**
 * Sends a request and follows at most 5 redirects, as registries that keep blobs in an object storage need. The caller
 * discards the answer.
 *
 * Credentials stay with the registry's own origin. From https only https is followed. A storage host that refuses (its
 * signed URL may have run out) is worth another try from the registry on. Throws `REDIRECT_REFUSED` (circles, more than
 * five, away from https, private addresses), `REGISTRY_PROTOCOL` and what `session.once` throws.
 */
export async function followRedirects(
  session: Session,
  lookup: Lookup,
  visited: readonly URL[] = [],
): Promise<HttpResponse> {
  const { url, doing } = lookup;
  const path = [...visited, url];
  return await session.once({
    ...lookup,
    keep: true,
    handle: async (response) => {
      if ([301, 302, 303, 307, 308].includes(response.status)) {
        await response.discard();
        const target = redirectTarget(session, response.headers.location, path, doing);
        return await followRedirects(session, { ...lookup, url: target }, path);
      }
      if (url.origin === session.base.origin || [200, 206].includes(response.status)) return response;
      const said = (await readProblems(response))[0]?.message ?? '';
      const error = new BatonError(
        'REGISTRY_REJECTED',
        `${url.host}, where ${session.host} keeps this, answered with status ${response.status} while ${doing}${said === '' ? '' : `: ${said}`}`,
        {
          hint: 'Try again later; if it repeats, tell those who run the registry.',
          details: { status: response.status },
        },
      );
      throw new Again(error, `status ${response.status} from ${url.host}`);
    },
  });
}

/** @param path the URLs asked so far, in order */
function redirectTarget(session: Session, location: string | undefined, path: readonly URL[], doing: string): URL {
  const from = path.at(-1) ?? session.base;
  const target = location !== undefined && URL.canParse(location, from.href) ? new URL(location, from.href) : undefined;
  if (target === undefined || (target.protocol !== 'https:' && target.protocol !== 'http:')) {
    throw new BatonError('REGISTRY_PROTOCOL', `${session.host} redirects without a usable Location while ${doing}`, {
      hint: "Check the registry's configuration.",
      details: { host: session.host },
    });
  }
  // User information in a redirect would be sent as credentials.
  target.username = '';
  target.password = '';
  target.hash = '';
  // Only hosts are shown: the rest of such a URL is often a signature.
  const circle = path.findIndex(({ href }) => href === target.href);
  const hosts = [...path.slice(Math.max(0, circle)), target].map(({ host }) => host).join(' -> ');
  const problem =
    circle !== -1
      ? `in a circle (${hosts})`
      : path.length > MOST_REDIRECTS
        ? `more than ${MOST_REDIRECTS} times (${hosts})`
        : target.protocol === 'http:' && from.protocol === 'https:'
          ? `to http://${target.host}, away from https`
          : undefined;
  if (problem === undefined) return target;
  throw new BatonError('REDIRECT_REFUSED', `${session.host} redirects ${problem} while ${doing}`, {
    hint: "Check the registry's configuration.",
    details: { host: session.host, hosts: path.map(({ host }) => host) },
  });
}
