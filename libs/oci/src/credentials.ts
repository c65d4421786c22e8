import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { BatonError, errnoOf, registerSecret } from '@baton/kernel';

/** What proves to a registry who is asking. */
export type Credentials = { username: string; password: string } | { identityToken: string };

/** Finds credentials for a registry. */
export interface CredentialSource {
  /** The credentials for a host (`ghcr.io`, `docker.io`, `localhost:5000`), or undefined when there are none. */
  find(host: string): Promise<Credentials | undefined>;
  /** Where it looks, for people: 'the Docker config /home/a/.docker/config.json'. No secrets. */
  readonly description: string;
}

const HUB_KEYS = ['https://index.docker.io/v1/', 'index.docker.io', 'registry-1.docker.io'];

/**
 * Credentials as `docker login` leaves them: `auths` in `$DOCKER_CONFIG/config.json`, else `~/.docker/config.json`.
 * Where that has none for ghcr.io, GITHUB_TOKEN with the user GITHUB_ACTOR; for no other host.
 *
 * The file is read at each look-up, so a new login counts at once. An absent file is no error; `CREDENTIALS_INVALID`
 * (naming file and key, never a value) when it is broken. Credential helpers (`credsStore`, `credHelpers`) are not
 * asked: the description says so when the file names some. Secrets found are registered, so that no message shows them.
 */
export function dockerCredentials(env: NodeJS.ProcessEnv = process.env): CredentialSource {
  const dir = env.DOCKER_CONFIG === undefined || env.DOCKER_CONFIG === '' ? undefined : env.DOCKER_CONFIG;
  const path = join(dir ?? join(env.HOME ?? homedir(), '.docker'), 'config.json');
  return {
    get description() {
      return `the Docker config ${path}${helperRemark(path)} (or GITHUB_TOKEN, for ghcr.io)`;
    },
    async find(host) {
      const config = await readConfig(path);
      const found = config === undefined ? undefined : fromAuths(config, host, path);
      if (found !== undefined) return known(found);
      const token = env.GITHUB_TOKEN;
      if (host !== 'ghcr.io' || token === undefined || token === '') return undefined;
      return known({ username: env.GITHUB_ACTOR || 'github', password: token });
    },
  };
}

/** Read when a message is made, not kept: one source serves several hosts at the same time. */
function helperRemark(path: string): string {
  try {
    const config: unknown = JSON.parse(readFileSync(path, 'utf8'));
    if (!isFields(config)) return '';
    const named = [config.credsStore, ...(isFields(config.credHelpers) ? Object.values(config.credHelpers) : [])];
    const helpers = [...new Set(named.filter((name) => typeof name === 'string' && /^[\w.-]{1,64}$/.test(name)))];
    if (helpers.length === 0) return '';
    return ` (its credential helpers are not supported yet and were not asked: ${helpers.join(', ')})`;
  } catch {
    // No file, or a broken one: `find` reports that.
    return '';
  }
}

/** Hides credentials, in every form in which they are sent, from messages; returns them. */
export function known(credentials: Credentials): Credentials {
  if ('identityToken' in credentials) {
    registerSecret(credentials.identityToken);
    return credentials;
  }
  registerSecret(credentials.password);
  registerSecret(basicValue(credentials));
  return credentials;
}

/** What follows `Basic ` in an `Authorization` header (RFC 7617). */
export function basicValue({ username, password }: { username: string; password: string }): string {
  return Buffer.from(`${username}:${password}`).toString('base64');
}

type Fields = Record<string, unknown>;

async function readConfig(path: string): Promise<Fields | undefined> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (errnoOf(error) === 'ENOENT' || errnoOf(error) === 'ENOTDIR') return undefined;
    throw invalid(path, `cannot be read (${errnoOf(error) ?? 'unknown error'})`);
  }
  let value: unknown;
  try {
    value = JSON.parse(text.replace(/^\ufeff/, ''));
  } catch {
    // The parser's own message quotes the text around the fault, which may be a password.
    throw invalid(path, 'is not valid JSON');
  }
  if (!isFields(value)) throw invalid(path, 'is not a JSON object');
  return value;
}

function fromAuths(config: Fields, host: string, path: string): Credentials | undefined {
  if (config.auths === undefined || config.auths === null) return undefined;
  if (!isFields(config.auths)) throw invalid(path, 'has an "auths" that is not an object');
  for (const key of keysFor(host, Object.keys(config.auths))) {
    const entry = config.auths[key];
    if (entry === undefined || entry === null) continue;
    if (!isFields(entry)) throw invalid(path, `has an auths["${key}"] that is not an object`);
    const credentials = fromEntry(entry, path, key);
    if (credentials !== undefined) return credentials;
  }
  return undefined;
}

/**
 * The keys that stand for a host, the exact one first: `host`, `https://host`, `https://host/v1/`, and Docker Hub's old
 * names.
 */
function keysFor(host: string, keys: readonly string[]): string[] {
  const wanted = new Set([host, ...(host === 'docker.io' ? HUB_KEYS.map(hostOfKey) : [])]);
  return [host, ...keys.filter((key) => key !== host && wanted.has(hostOfKey(key)))];
}

function hostOfKey(key: string): string {
  return key.replace(/^https?:\/\//i, '').replace(/\/(?:v1|v2)?\/?$/, '');
}

function fromEntry(entry: Fields, path: string, key: string): Credentials | undefined {
  const text = (name: string): string | undefined => {
    const value = entry[name];
    if (value === undefined || value === null || value === '') return undefined;
    if (typeof value !== 'string') throw invalid(path, `has a non-text auths["${key}"].${name}`);
    return value;
  };
  const identityToken = text('identitytoken');
  if (identityToken !== undefined) return { identityToken };
  const auth = text('auth');
  if (auth !== undefined) {
    const decoded = Buffer.from(auth, 'base64').toString('utf8').replace(/\0+$/, '');
    const colon = decoded.indexOf(':');
    if (colon < 1 || !/^[A-Za-z0-9+/_-]+={0,2}$/.test(auth.trim())) {
      throw invalid(path, `has an auths["${key}"].auth that is not base64 of user:password`);
    }
    registerSecret(auth);
    return { username: decoded.slice(0, colon), password: decoded.slice(colon + 1) };
  }
  const username = text('username');
  const password = text('password');
  if (username === undefined && password === undefined) return undefined;
  if (username === undefined || password === undefined) {
    throw invalid(path, `has an auths["${key}"] with only one of username and password`);
  }
  return { username, password };
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function invalid(path: string, what: string): BatonError {
  return new BatonError('CREDENTIALS_INVALID', `${path} ${what}`, {
    hint: 'Correct the file, or sign in again with docker login.',
    details: { path },
  });
}
