import { readFile } from 'node:fs/promises';
import { BatonError, errnoOf, registerSecret } from '@baton/kernel';
import type { Credentials } from './credentials-forms.ts';

/** A file as `docker login` or `podman login` leave it, read but not judged. */
export interface CredentialsFile {
  path: string;
  fields: Fields;
}

type Fields = Record<string, unknown>;

/** Docker Hub's old names, under which `docker login` still files it. */
const HUB_KEYS = ['https://index.docker.io/v1/', 'index.docker.io', 'registry-1.docker.io'];

/**
 * Reads a credentials file; undefined when there is none. Throws `CREDENTIALS_INVALID`, which names the file and what is
 * wrong with it, never a value.
 */
export async function readCredentialsFile(path: string): Promise<CredentialsFile | undefined> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (errnoOf(error) === 'ENOENT' || errnoOf(error) === 'ENOTDIR') return undefined;
    throw invalidFile(path, `cannot be read (${errnoOf(error) ?? 'unknown error'})`);
  }
  return { path, fields: parse(text, path) };
}

function parse(text: string, path: string): Fields {
  // `podman login` and some CI systems leave an empty file behind.
  if (text.trim() === '') return {};
  let value: unknown;
  try {
    value = JSON.parse(text.replace(/^\ufeff/, ''));
  } catch {
    // The parser's own message quotes the text around the fault, which may be a password.
    throw invalidFile(path, 'is not valid JSON');
  }
  if (!isFields(value)) throw invalidFile(path, 'is not a JSON object');
  return value;
}

/**
 * The helper program that a file names for a host: an entry of `credHelpers`, the closest first, else `credsStore`. The
 * name is what follows `docker-credential-`; `CREDENTIALS_INVALID` when it is none.
 */
export function helperFor({ path, fields }: CredentialsFile, host: string, repository?: string): string | undefined {
  const { credHelpers, credsStore } = fields;
  if (credHelpers !== undefined && credHelpers !== null) {
    if (!isFields(credHelpers)) throw invalidFile(path, 'has a "credHelpers" that is not an object');
    for (const key of keysFor(host, repository, Object.keys(credHelpers))) {
      const name = credHelpers[key];
      if (name !== undefined && name !== '') return checkName(name, path, `credHelpers["${key}"]`);
    }
  }
  if (credsStore === undefined || credsStore === null || credsStore === '') return undefined;
  return checkName(credsStore, path, '"credsStore"');
}

function checkName(name: unknown, path: string, where: string): string {
  // A path in it would start another program than one that is installed for this.
  if (typeof name === 'string' && isHelperName(name)) return name;
  throw invalidFile(path, `has in ${where} what is not the name of a credential helper`);
}

/** The names of all helpers in a file, for people. */
export function helpersIn(fields: Fields): string[] {
  const named = [fields.credsStore, ...(isFields(fields.credHelpers) ? Object.values(fields.credHelpers) : [])];
  return [...new Set(named.filter((name) => typeof name === 'string' && isHelperName(name)))].map(String);
}

function isHelperName(name: string): boolean {
  return /^[\w.-]{1,64}$/.test(name);
}

/** What a host is called when a helper is asked about it. */
export function helperServer(host: string): string {
  return host === 'docker.io' ? 'https://index.docker.io/v1/' : host;
}

/**
 * The credentials that stand in a file: those of the longest key that leads to the repository (`quay.io/acme/team`,
 * `quay.io/acme`, `quay.io`; containers-auth.json(5)).
 */
export function credentialsIn(
  { path, fields }: CredentialsFile,
  host: string,
  repository?: string,
): Credentials | undefined {
  const { auths } = fields;
  if (auths === undefined || auths === null) return undefined;
  if (!isFields(auths)) throw invalidFile(path, 'has an "auths" that is not an object');
  for (const key of keysFor(host, repository, Object.keys(auths))) {
    const entry = auths[key];
    if (entry === undefined || entry === null) continue;
    if (!isFields(entry)) throw invalidFile(path, `has an auths["${key}"] that is not an object`);
    const credentials = fromEntry(entry, path, key);
    if (credentials !== undefined) return credentials;
  }
  return undefined;
}

/**
 * The keys that stand for a repository of a host, the best one first: longer paths before shorter ones, the exact text
 * before `https://host` and `https://host/v1/`, and Docker Hub's old names at last.
 */
function keysFor(host: string, repository: string | undefined, keys: readonly string[]): string[] {
  const parts = repository?.split('/') ?? [];
  const paths = [...parts.keys(), parts.length].map((length) => ['', ...parts.slice(0, length)].join('/')).reverse();
  const names = [host, ...(host === 'docker.io' ? HUB_KEYS.map(placeOf) : [])];
  const found = paths.flatMap((path) =>
    names.flatMap((name) => {
      const wanted = `${name}${path}`;
      return [wanted, ...keys.filter((key) => key !== wanted && placeOf(key) === wanted)];
    }),
  );
  return [...new Set(found)].filter((key) => keys.includes(key));
}

function placeOf(key: string): string {
  return key.replace(/^https?:\/\//i, '').replace(/\/(?:v1|v2)?\/?$/, '');
}

function fromEntry(entry: Fields, path: string, key: string): Credentials | undefined {
  const text = (name: string): string | undefined => {
    const value = entry[name];
    if (value === undefined || value === null || value === '') return undefined;
    if (typeof value !== 'string') throw invalidFile(path, `has a non-text auths["${key}"].${name}`);
    return value;
  };
  const identityToken = text('identitytoken');
  if (identityToken !== undefined) return { identityToken };
  const auth = text('auth');
  if (auth !== undefined) {
    const decoded = Buffer.from(auth, 'base64').toString('utf8').replace(/\0+$/, '');
    const colon = decoded.indexOf(':');
    if (colon < 1 || !/^[A-Za-z0-9+/_-]+={0,2}$/.test(auth.trim())) {
      throw invalidFile(path, `has an auths["${key}"].auth that is not base64 of user:password`);
    }
    registerSecret(auth);
    return { username: decoded.slice(0, colon), password: decoded.slice(colon + 1) };
  }
  const username = text('username');
  const password = text('password');
  if (username === undefined && password === undefined) return undefined;
  if (username === undefined || password === undefined) {
    throw invalidFile(path, `has an auths["${key}"] with only one of username and password`);
  }
  return { username, password };
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function invalidFile(path: string, what: string): BatonError {
  return new BatonError('CREDENTIALS_INVALID', `${path} ${what}`, {
    hint: 'Correct the file, or sign in again with docker login.',
    details: { path },
  });
}
