import { BatonError, redact } from '@baton/kernel';

/** What is asked, for messages. */
export interface Question {
  /** After "while": `listing the labels of acme/pump`. */
  what: string;
  /** The permission of a fine-grained token or an app: `pull requests: write`. */
  needs: string;
}

/** What Octokit throws: an answer that is no success, or (without `response`) none at all. */
interface RequestFailure extends Error {
  status: number;
  response?: { headers: Headers; data: unknown };
}

type Headers = Record<string, string | number | undefined>;

/** Whether an error is an answer or the lack of one. */
export function isRequestFailure(error: unknown): error is RequestFailure {
  return error instanceof Error && 'status' in error && typeof error.status === 'number';
}

/** The error for a request that failed: refused, limited, unknown, or not answered. */
export function judgeFailure(
  error: unknown,
  { what, needs }: Question,
  { host, hasToken, timeout }: { host: string; hasToken: boolean; timeout: number },
): unknown {
  if (error instanceof BatonError || !isRequestFailure(error)) return error;
  const make = (
    code: BatonError['code'],
    message: string,
    hint: string,
    more: { retryable?: boolean; details?: Record<string, unknown> } = {},
  ): BatonError => new BatonError(code, `${host} ${message} while ${what}`, { hint, cause: error, ...more });
  const { response, status } = error;
  if (response === undefined) {
    const why = isTimeout(error.cause) ? `no answer within ${timeout / 1000} s` : error.message;
    return make('FORGE_UNREACHABLE', `gave no answer (${why})`, 'Check the network, and run it again.', {
      retryable: true,
    });
  }
  const said = messageOf(response.data);
  const details = { status, said };
  const limit = rateLimit(error, 0);
  if (limit !== undefined) {
    const hint = `Run it again then; finished parts are kept.${hasToken ? '' : ' With a token the limit is higher.'}`;
    return make('RATE_LIMITED', `limits the rate of requests ${limit.ends}`, hint, { retryable: true, details });
  }
  const permission = `It needs ${needs}${accepted(response.headers)}.`;
  if (status === 401 && hasToken) {
    return make('FORGE_DENIED', 'refused the token', 'It is wrong, has expired or was revoked: make a new one.', {
      details,
    });
  }
  if (status === 401) {
    return make('FORGE_TOKEN_MISSING', 'wants a token', `Set one (GITHUB_TOKEN or GH_TOKEN). ${permission}`, {
      details,
    });
  }
  if (status === 403) {
    const sso = response.headers['x-github-sso'];
    const hint =
      sso === undefined ? permission : 'The organisation wants the token to be authorised for single sign-on.';
    return make('FORGE_DENIED', `answered that the token may not do this (${said})`, hint, { details });
  }
  if (status === 404 || status === 410) {
    const hidden = hasToken
      ? 'A token that may not see or do this gets the same answer.'
      : 'Without a token, what is private gets the same answer.';
    return make('FORGE_NOT_FOUND', 'knows no such thing', `Check the name. ${hidden} ${permission}`, { details });
  }
  if (status >= 500 || status === 408) {
    return make('FORGE_UNREACHABLE', `answered with status ${status}`, 'The forge has trouble: run it again later.', {
      retryable: true,
      details,
    });
  }
  return make('FORGE_REJECTED', `answered with status ${status} (${said})`, 'Repeating will not help.', { details });
}

/** What an answer says to people: its message and those of its `errors`. */
export function messageOf(data: unknown): string {
  if (typeof data === 'string') return redact(data.slice(0, 200));
  if (!isRecord(data)) return 'no message';
  const errors = Array.isArray(data.errors) ? data.errors.map(errorText) : [];
  const texts = [typeof data.message === 'string' ? data.message : 'no message', ...errors];
  return redact(texts.join(': ').slice(0, 1000));
}

// `{resource, field, code}` for what is wrong with a field, `{message}` for anything else.
function errorText(error: unknown): string {
  if (typeof error === 'string') return error;
  if (!isRecord(error)) return 'unknown';
  if (typeof error.message === 'string') return error.message;
  return [error.resource, error.field, error.code].filter((part) => typeof part === 'string').join(' ');
}

/**
 * What a refusal says of rate limits; undefined when it is about something else. The primary limit leaves nothing and says when it is
 * filled again; the secondary one says how long to wait, or only that it is one: then a minute, as GitHub asks for.
 *
 * @param now milliseconds since 1970
 */
export function rateLimit(error: unknown, now: number): { ends: string; seconds: number } | undefined {
  if (!isRequestFailure(error) || error.response === undefined) return undefined;
  const { status, response } = error;
  if (status !== 403 && status !== 429) return undefined;
  const { headers, data } = response;
  const after = Number(headers['retry-after'] ?? Number.NaN);
  if (Number.isFinite(after)) return { ends: `for ${after} s`, seconds: after };
  const reset = Number(headers['x-ratelimit-reset'] ?? Number.NaN);
  if (String(headers['x-ratelimit-remaining']) === '0' && Number.isFinite(reset)) {
    // A second more, because the moment itself is given in whole ones.
    const seconds = Math.max(0, Math.ceil(reset - now / 1000)) + 1;
    return { ends: `until ${new Date(reset * 1000).toISOString()}`, seconds };
  }
  const isLimit = status === 429 || /secondary rate|abuse detection|rate limit exceeded/i.test(messageOf(data));
  return isLimit ? { ends: 'for some minutes', seconds: 60 } : undefined;
}

function accepted(headers: Headers): string {
  const wanted = headers['x-accepted-github-permissions'] ?? headers['x-accepted-oauth-scopes'];
  return wanted === undefined || wanted === '' ? '' : ` (the forge says: ${wanted})`;
}

function isTimeout(cause: unknown): boolean {
  return cause instanceof Error && cause.name === 'TimeoutError';
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
