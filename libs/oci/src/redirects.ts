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
 * signed URL may have run out) is worth another try from the registry on. Throws `REGISTRY_PROTOCOL` and what
 * `session.once` throws.
 */
export async function followRedirects(
  session: Session,
  lookup: Lookup,
  left: number = MOST_REDIRECTS,
): Promise<HttpResponse> {
  const { url, doing } = lookup;
  return await session.once({
    ...lookup,
    keep: true,
    handle: async (response) => {
      if ([301, 302, 303, 307, 308].includes(response.status)) {
        await response.discard();
        const target = redirectTarget(session, response.headers.location, url, doing, left);
        return await followRedirects(session, { ...lookup, url: target }, left - 1);
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

function redirectTarget(session: Session, location: string | undefined, from: URL, doing: string, left: number): URL {
  // Only the host is shown: the rest of such a URL is often a signature.
  const target = location !== undefined && URL.canParse(location, from.href) ? new URL(location, from.href) : undefined;
  const problem =
    target === undefined
      ? 'without a usable Location'
      : left <= 0
        ? `more than ${MOST_REDIRECTS} times`
        : target.protocol !== 'https:' && !(target.protocol === 'http:' && from.protocol === 'http:')
          ? `to ${target.protocol}//${target.host}, away from https`
          : undefined;
  if (target !== undefined && problem === undefined) {
    // User information in a redirect would be sent as credentials.
    target.username = '';
    target.password = '';
    return target;
  }
  throw new BatonError('REGISTRY_PROTOCOL', `${session.host} redirects ${problem} while ${doing}`, {
    hint: "Check the registry's configuration.",
    details: { host: session.host },
  });
}
