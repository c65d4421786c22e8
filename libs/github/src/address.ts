import { BatonError, redact } from '@baton/kernel';

/** A repository on a forge, and where the API of that forge is. */
export interface ForgeAddress {
  /** The host that the repository is fetched from, with a port where http(s) has one. */
  host: string;
  /** `owner/name`. */
  repository: string;
  /** Without a slash at its end. */
  api: string;
}

/**
 * Reads the address of a remote as git understands it: `https://host/owner/name.git`, `ssh://git@host:22/owner/name`,
 * `git@host:owner/name.git`. Undefined for what names no host (a path, `file:`), or no owner and name there.
 *
 * The API: `https://api.github.com` of github.com, `https://api.NAME.ghe.com` of GitHub's own domains for enterprises,
 * `https://HOST/api/v3` of a server of one's own; http only where the remote has it.
 */
export function forgeAddress(remote: string): ForgeAddress | undefined {
  const found = parts(remote);
  if (found === undefined) return undefined;
  const segments = found.path.split('/').filter((segment) => segment !== '');
  const [owner = '', name = ''] = segments;
  const bare = name.replace(/\.git$/, '');
  if (segments.length !== 2 || !isName(owner) || !isName(bare)) return undefined;
  return { host: found.host, repository: `${owner}/${bare}`, api: apiOf(found.scheme, found.host) };
}

/** An `owner/name`. @throws BatonError `USAGE` */
export function parseRepository(text: string): { owner: string; repo: string } {
  const [owner = '', repo = '', ...more] = text.split('/');
  if (isName(owner) && isName(repo) && more.length === 0) return { owner, repo };
  throw new BatonError('USAGE', `expected a repository as owner/name, found ${redact(text) || 'nothing'}`, {
    hint: 'For example acme/pump, without a host and without .git.',
  });
}

function parts(remote: string): { scheme: 'http' | 'https'; host: string; path: string } | undefined {
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(remote)) {
    const url = URL.canParse(remote) ? new URL(remote) : undefined;
    if (url === undefined || url.hostname === '') return undefined;
    const path = decoded(url.pathname);
    if (url.protocol === 'https:') return { scheme: 'https', host: url.host, path };
    if (url.protocol === 'http:') return { scheme: 'http', host: url.host, path };
    // The port is the one of ssh or git, not of the API.
    if (['ssh:', 'git:', 'git+ssh:'].includes(url.protocol)) return { scheme: 'https', host: url.hostname, path };
    return undefined;
  }
  // scp-like: a colon before the first slash; a single letter is a drive.
  const scp = /^(?:[^@/:\s]+@)?(\[[^\]]+\]|[^@/:\s]{2,}):(?!\/\/)(.*)$/.exec(remote);
  return scp === null ? undefined : { scheme: 'https', host: (scp[1] ?? '').toLowerCase(), path: scp[2] ?? '' };
}

function apiOf(scheme: 'http' | 'https', host: string): string {
  // ssh.github.com answers ssh on the port of https.
  if (/^((www|ssh)\.)?github\.com$/.test(host)) return 'https://api.github.com';
  if (/^[^.]+\.ghe\.com$/.test(host)) return `https://api.${host}`;
  return `${scheme}://${host}/api/v3`;
}

// GitHub: letters, digits, "-", "_" and "."; nothing that a path would understand.
function isName(text: string): boolean {
  return /^[A-Za-z0-9._-]+$/.test(text) && text !== '.' && text !== '..';
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
