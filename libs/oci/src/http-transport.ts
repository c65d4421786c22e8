import { readFile } from 'node:fs/promises';
import { type ClientRequest, type Agent as HttpAgent, request as plainRequest, type RequestOptions } from 'node:http';
import { BatonError } from '@baton/kernel';

/** How to start a request of one scheme, and the agent that keeps its connections. */
export interface Transport {
  start(url: URL, options: RequestOptions): ClientRequest;
  agent: HttpAgent;
}

/**
 * The transport for a URL. TLS is loaded with its first use: a push to a loopback registry does not pay for it.
 *
 * Trusts what Node trusts (NODE_EXTRA_CA_CERTS included), the certificates in `ca`, and those in the file that
 * SSL_CERT_FILE names, which Node by itself does not read. Throws `FILE_UNREADABLE` when that file cannot be read.
 */
export async function transportFor(
  url: URL,
  plain: HttpAgent,
  secure: { transport?: Promise<Transport> },
  ca: string | undefined,
): Promise<Transport> {
  if (url.protocol !== 'https:') return { start: plainRequest, agent: plain };
  secure.transport ??= secureTransport(ca);
  return await secure.transport;
}

async function secureTransport(ca: string | undefined): Promise<Transport> {
  const [https, tls] = await Promise.all([import('node:https'), import('node:tls')]);
  const extra = [ca, await certificateFile(process.env.SSL_CERT_FILE)].filter((pem) => pem !== undefined);
  const agent = new https.Agent({
    keepAlive: true,
    scheduling: 'lifo',
    ...(extra.length === 0 ? {} : { ca: [...tls.getCACertificates('default'), ...extra] }),
  });
  return { start: https.request, agent };
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
