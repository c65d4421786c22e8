/**
 * A repository elsewhere. Errors of every call: `FORGE_TOKEN_MISSING`, `FORGE_DENIED`, `FORGE_NOT_FOUND`, `FORGE_UNREACHABLE`,
 * else `GIT_FAILED`, with what the remote said.
 */
export interface Remote {
  /** `https://...`, `ssh://...`, `git@host:path`, `file:///...` or a path. Holds no credentials. */
  url: string;
  /** For https: sent to this host alone, never in an argument, URL or message. */
  token?: string | undefined;
  /** `x-access-token` when left out: what GitHub expects with a token of any kind. */
  user?: string | undefined;
  signal?: AbortSignal | undefined;
}
