import { createSign, randomUUID, X509Certificate } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Certificate } from './registry-certificate.ts';

/** A server that issues Bearer tokens which `docker-registry` believes. */
export interface TokenServer {
  /** Where clients ask. */
  readonly realm: string;
  /** Token requests so far, as their scopes. */
  readonly asked: string[][];
  stop(): Promise<void>;
}

/** What tokens say of themselves; the registry's configuration names the same. */
export const TOKEN_ISSUER = 'baton-test-issuer';
/** The service that tokens are for. */
export const TOKEN_SERVICE = 'baton-test-service';

/**
 * Starts a token server on loopback: who shows the account gets what was asked for, everybody else 401. Tokens are JSON
 * web tokens signed with the certificate's key (distribution, "Token authentication implementation").
 */
export async function startTokenServer(
  certificate: Certificate,
  account: { username: string; password: string },
): Promise<TokenServer> {
  const asked: string[][] = [];
  const expected = `Basic ${Buffer.from(`${account.username}:${account.password}`).toString('base64')}`;
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://localhost');
    const scopes = url.searchParams.getAll('scope');
    asked.push(scopes);
    const known = request.headers.authorization === expected;
    response.writeHead(known ? 200 : 401, { 'Content-Type': 'application/json' });
    response.end(known ? JSON.stringify({ token: sign(certificate, account.username, scopes) }) : '{"errors":[]}');
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    realm: `http://127.0.0.1:${(server.address() as AddressInfo).port}/token`,
    asked,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function sign({ cert, key }: Certificate, subject: string, scopes: readonly string[]): string {
  const now = Math.floor(Date.now() / 1000);
  const x5c = [new X509Certificate(cert).raw.toString('base64')];
  const access = scopes.map((scope) => {
    const [, type = '', name = '', actions = ''] = /^([^:]+):(.+):([^:]+)$/.exec(scope) ?? [];
    return { type, name, actions: actions.split(',') };
  });
  const claims = {
    iss: TOKEN_ISSUER,
    sub: subject,
    aud: TOKEN_SERVICE,
    iat: now,
    nbf: now - 60,
    exp: now + 600,
    jti: randomUUID(),
    access,
  };
  const encode = (part: unknown): string => Buffer.from(JSON.stringify(part)).toString('base64url');
  const signed = `${encode({ typ: 'JWT', alg: 'ES256', x5c })}.${encode(claims)}`;
  const signature = createSign('sha256').update(signed).sign({ key, dsaEncoding: 'ieee-p1363' }, 'base64url');
  return `${signed}.${signature}`;
}
