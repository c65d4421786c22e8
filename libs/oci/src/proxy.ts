import { BatonError, registerSecret } from '@baton/kernel';
import { isInBlock, parseAddress, privateKind } from './ip-address.ts';

/** A proxy to go through. */
export interface HttpProxy {
  secure: boolean;
  hostname: string;
  port: number;
  /** `Proxy-Authorization`, where the variable holds user and password. */
  authorization: string | undefined;
  /** For people: '127.0.0.1:3128 (HTTPS_PROXY)'. */
  title: string;
}

/**
 * The proxy that a URL is reached through, or undefined for a direct connection: `https_proxy` or `http_proxy` by the
 * URL's scheme, except where `no_proxy` names its host; small letters before capitals, as curl does. Hosts of this
 * machine are never reached through a proxy, as in Go.
 *
 * User and password in the variable become a registered secret. Throws `USAGE` for a proxy of a kind that is not
 * supported (SOCKS) or a variable that is no URL.
 */
export function proxyFor(url: URL, env: NodeJS.ProcessEnv): HttpProxy | undefined {
  const names = url.protocol === 'https:' ? ['https_proxy', 'HTTPS_PROXY'] : ['http_proxy', 'HTTP_PROXY'];
  // A web server that runs programs puts what a visitor sends as "Proxy:" into HTTP_PROXY (CVE-2016-5385).
  const usable = env.REQUEST_METHOD === undefined ? names : names.filter((name) => name !== 'HTTP_PROXY');
  const name = usable.find((candidate) => env[candidate]);
  if (name === undefined || isThisMachine(url.hostname)) return undefined;
  if (isExempt(url, env.no_proxy || env.NO_PROXY || '')) return undefined;
  return parseProxy(env[name] ?? '', name);
}

function parseProxy(text: string, name: string): HttpProxy {
  const full = /^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `http://${text}`;
  const url = URL.canParse(full) ? new URL(full) : undefined;
  if (url === undefined || (url.protocol !== 'http:' && url.protocol !== 'https:') || url.hostname === '') {
    // The value may hold a password, and then it is not known where.
    throw new BatonError('USAGE', `${name} does not name a proxy that can be used: expected http://host:port`, {
      hint: `Correct or unset ${name}; proxies are spoken to in HTTP, with or without TLS, not in SOCKS.`,
    });
  }
  const secure = url.protocol === 'https:';
  const port = url.port === '' ? (secure ? 443 : 80) : Number(url.port);
  const hostname = url.hostname.replace(/^\[(.*)\]$/, '$1');
  return { secure, hostname, port, authorization: authorizationOf(url), title: `${url.hostname}:${port} (${name})` };
}

function authorizationOf(url: URL): string | undefined {
  if (url.username === '' && url.password === '') return undefined;
  const [user, password] = [url.username, url.password].map(decoded);
  const value = Buffer.from(`${user}:${password}`).toString('base64');
  for (const secret of [url.password, password ?? '', value]) registerSecret(secret);
  return `Basic ${value}`;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function isThisMachine(hostname: string): boolean {
  return /(?:^|\.)localhost\.?$/i.test(hostname) || privateKind(hostname) === 'loopback';
}

/**
 * Whether a `NO_PROXY` list names a URL's host, by the rules that curl and Go share. An entry is `*`, an address, a
 * block (`10.0.0.0/8`), or a name, which stands for its subdomains too; with a leading `.` or `*.` for these only (Go).
 * A port limits it to that port. Names are not looked up.
 */
export function isExempt(url: URL, list: string): boolean {
  const host = url.hostname.toLowerCase().replace(/\.$/, '');
  const address = parseAddress(host);
  const port = url.port === '' ? (url.protocol === 'https:' ? '443' : '80') : url.port;
  return list
    .toLowerCase()
    .split(/[\s,]+/)
    .filter((entry) => entry !== '')
    .some((entry) => {
      if (entry === '*') return true;
      if (address !== undefined && (isInBlock(host, entry) || parseAddress(entry)?.equals(address) === true))
        return true;
      const [, name = '', wanted] = /^(\[[^\]]*\]|[^:]*)(?::(\d+))?$/.exec(entry) ?? [];
      if (wanted !== undefined && wanted !== port) return false;
      if (address !== undefined) return parseAddress(name)?.equals(address) === true;
      const suffix = name.replace(/^\*(?=\.)/, '').replace(/\.$/, '');
      if (suffix === '' || suffix === '.') return false;
      return suffix.startsWith('.') ? host.endsWith(suffix) : host === suffix || host.endsWith(`.${suffix}`);
    });
}
