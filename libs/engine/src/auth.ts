import { registerSecret } from '@baton/kernel';
import type { EngineAuth } from './engine.ts';

/** Credentials as the Engine API spells them (AuthConfig). */
interface AuthConfig {
  username?: string;
  password?: string;
  identitytoken?: string;
  serveraddress?: string;
}

/** Docker Hub under the name that its credentials have in the Engine API. */
const HUB = 'https://index.docker.io/v1/';

/** The name under which the Engine API looks for the credentials of a registry's host. */
export function registryKey(host: string): string {
  return /^(index\.|registry-1\.)?docker\.io$/.test(host) ? HUB : host;
}

/** The `X-Registry-Auth` header, as dockerode takes it. Never undefined: without the header an engine refuses to push at all. */
export function authHeader(auth: EngineAuth | undefined): { base64: string } {
  return { base64: encode(authConfig(auth)) };
}

function authConfig(auth: EngineAuth | undefined): AuthConfig {
  if (auth === undefined) return {};
  for (const secret of [auth.password, auth.identityToken]) if (secret !== undefined) registerSecret(secret);
  const { username, password, identityToken } = auth;
  return {
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
    ...(identityToken === undefined ? {} : { identitytoken: identityToken }),
    serveraddress: registryKey(auth.registry),
  };
}

/**
 * The value of the `X-Registry-Config` header: credentials of several registries, for the bases of a build.
 *
 * In the alphabet that engines read (base64url, with padding); dockerode writes the other one, and engines pass over
 * what they cannot read in silence.
 */
export function registryConfigHeader(auth: readonly EngineAuth[]): string {
  const config = Object.fromEntries(auth.map((one) => [registryKey(one.registry), authConfig(one)]));
  return encode(config);
}

function encode(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64').replaceAll('+', '-').replaceAll('/', '_');
}
