import { readFile } from 'node:fs/promises';
import { type Agent as HttpAgent, request as plainRequest } from 'node:http';
import { BatonError } from '@baton/kernel';
import type { Transport } from './transport.ts';

/** The transports of one client, made when they are needed. */
export interface Transports {
  plain: HttpAgent;
  secure?: Promise<Transport>;
  /** Certificates (PEM) to trust besides the default ones. */
  ca: string | undefined;
  /** Where proxies are named; undefined when none is. */
  env: NodeJS.ProcessEnv | undefined;
  /** Milliseconds until a connection through a proxy stands. */
  connect: number;
  /** By scheme and proxy. */
  proxied: Map<string, Promise<Transport>>;
}

/** The environment, when it names a proxy: without one, nothing about proxies is loaded. */
export function proxyEnvironment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv | undefined {
  return env.https_proxy || env.HTTPS_PROXY || env.http_proxy || env.HTTP_PROXY ? env : undefined;
}

/**
 * The transport for a URL. TLS is loaded with its first use, and so are proxies: a push to a loopback registry does not
 * pay for them.
 *
 * Trusts what Node trusts (NODE_EXTRA_CA_CERTS included), the certificates in `ca`, and those in the file that
 * SSL_CERT_FILE names, which Node by itself does not read. Throws `FILE_UNREADABLE` when that file cannot be read,
 * `USAGE` for a proxy that cannot be used.
 */
export async function transportFor(url: URL, transports: Transports): Promise<Transport> {
  const proxied = transports.env === undefined ? undefined : await throughProxy(url, transports, transports.env);
  if (proxied !== undefined) return proxied;
  if (url.protocol !== 'https:') return { start: plainRequest, agent: transports.plain };
  transports.secure ??= secureTransport(transports.ca);
  return await transports.secure;
}

async function throughProxy(url: URL, transports: Transports, env: NodeJS.ProcessEnv): Promise<Transport | undefined> {
  const { proxyFor } = await import('./proxy.ts');
  const proxy = proxyFor(url, env);
  if (proxy === undefined) return undefined;
  const key = `${url.protocol} ${proxy.title}`;
  const made =
    transports.proxied.get(key) ??
    (async () => {
      const [ca, { forwardingTransport, tunnellingTransport }] = await Promise.all([
        trusted(transports.ca),
        import('./proxy-transport.ts'),
      ]);
      const make = url.protocol === 'https:' ? tunnellingTransport : forwardingTransport;
      return make(proxy, { plain: transports.plain, ca, connect: transports.connect });
    })();
  transports.proxied.set(key, made);
  return await made;
}

async function secureTransport(ca: string | undefined): Promise<Transport> {
  const [https, trust] = await Promise.all([import('node:https'), trusted(ca)]);
  const agent = new https.Agent({
    keepAlive: true,
    scheduling: 'lifo',
    ...(trust === undefined ? {} : { ca: trust }),
  });
  return { start: https.request, agent };
}

/** All certificates to trust, or undefined when they are those that Node trusts by itself. */
async function trusted(ca: string | undefined): Promise<string[] | undefined> {
  const extra = [ca, await certificateFile(process.env.SSL_CERT_FILE)].filter((pem) => pem !== undefined);
  if (extra.length === 0) return undefined;
  const tls = await import('node:tls');
  return [...tls.getCACertificates('default'), ...extra];
}

/** Closes every kept connection. */
export function closeTransports(transports: Transports): void {
  transports.plain.destroy();
  for (const made of [transports.secure, ...transports.proxied.values()]) {
    made?.then(
      ({ agent }) => agent.destroy(),
      () => undefined,
    );
  }
}

async function certificateFile(path: string | undefined): Promise<string | undefined> {
  if (path === undefined || path === '') return undefined;
  return await readFile(path, 'utf8').catch((error: unknown) => {
    throw new BatonError('FILE_UNREADABLE', `the certificate file ${path} (SSL_CERT_FILE) cannot be read`, {
      hint: 'Correct or unset SSL_CERT_FILE.',
      cause: error,
    });
  });
}
