import type { components, operations } from '@octokit/openapi-types';

/** The schemas of GitHub's public API description. */
export type Schemas = components['schemas'];

/** The body that an operation answers with. */
export type BodyOf<Operation extends keyof operations, Status> = operations[Operation] extends { responses: infer R }
  ? Status extends keyof R
    ? R[Status] extends { content: { 'application/json': infer Body } }
      ? Body
      : never
    : never
  : never;

/** One error of a 422. Rule: `code` is `missing`, `missing_field`, `invalid`, `already_exists`, or `custom` with a message. */
export interface FieldError {
  resource: string;
  code: 'missing' | 'missing_field' | 'invalid' | 'already_exists' | 'custom';
  field?: string;
  message?: string;
}

/** An answer that is no success, as GitHub words it. */
export class GithubRefusal extends Error {
  readonly status: number;
  readonly body: unknown;
  readonly headers: Record<string, string>;

  constructor(status: number, message: string, more: { errors?: FieldError[]; headers?: Record<string, string> } = {}) {
    super(message);
    this.status = status;
    const errors = more.errors === undefined ? {} : { errors: more.errors };
    const body: Schemas['basic-error'] = {
      message,
      documentation_url: 'https://docs.github.com/rest',
      status: `${status}`,
    };
    this.body = { ...body, ...errors };
    this.headers = more.headers ?? {};
  }
}

/** 404: absent, or not to be seen by who asks; there is no telling which. */
export function notFound(): GithubRefusal {
  return new GithubRefusal(404, 'Not Found');
}

/** 422: the request was understood and breaks rules. */
export function invalid(...errors: FieldError[]): GithubRefusal {
  return new GithubRefusal(422, 'Validation Failed', { errors });
}

/** A request, as a route sees it. */
export interface GithubExchange {
  /** Values of the path's `{...}`. */
  path: Readonly<Record<string, string>>;
  query: URLSearchParams;
  /** The JSON body; empty when there is none. */
  body: Readonly<Record<string, unknown>>;
  /**
   * The wanted page of a list. Rules: `per_page` is 30 when left out and 100 at most; `Link` names next, prev, first and last and
   * is left out when there is one page.
   */
  page<T>(items: readonly T[]): T[];
}

/** One operation of the API. */
export interface GithubRoute {
  operation: keyof operations;
  method: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE';
  /** `/repos/{owner}/{repo}/pulls`; a name with `+` at its end takes slashes as well. */
  path: string;
  status: number;
  /** The permission that a token must have: `pull_requests=write`; reading is open to all who may see the repository. */
  needs?: string;
  answer(exchange: GithubExchange): Promise<unknown>;
}

/** Makes a route whose answers have the type of the operation. */
export function route<Operation extends keyof operations, Status extends number>(spec: {
  operation: Operation;
  method: GithubRoute['method'];
  path: string;
  status: Status;
  needs?: string;
  answer(exchange: GithubExchange): Promise<BodyOf<Operation, Status>>;
}): GithubRoute {
  return spec;
}

/** A text of a body; 422 when it is something else. */
export function textOf(body: Readonly<Record<string, unknown>>, field: string, resource: string): string | undefined {
  const value = body[field];
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'string') return value;
  throw invalid({ resource, field, code: 'invalid' });
}
