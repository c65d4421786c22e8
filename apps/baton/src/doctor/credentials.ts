import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { errnoOf } from '@baton/kernel';
import type { DoctorIo, Finding } from './finding.ts';

const COST = 'Registries are asked without a name: enough to read public images, rarely to publish.';

/** For which registries there are credentials, and from where; their values are never looked at. */
export async function findCredentials(io: DoctorIo): Promise<Finding> {
  const base = { id: 'credentials', title: 'Registry credentials' };
  const path = join(io.env.DOCKER_CONFIG || join(io.env.HOME ?? homedir(), '.docker'), 'config.json');
  const token = io.env.GITHUB_TOKEN === undefined || io.env.GITHUB_TOKEN === '' ? [] : ['ghcr.io (GITHUB_TOKEN)'];
  const read = await hostsIn(path);
  if (typeof read === 'string')
    return { ...base, state: 'limited', detail: [`${path} ${read}`, ...token].join('; '), cost: COST };
  if (read.hosts.length === 0 && token.length === 0) {
    return { ...base, state: 'missing', detail: `none in ${path}${read.helpers}`, cost: COST };
  }
  const fromFile = read.hosts.length === 0 ? [] : [`${read.hosts.join(', ')} (${path})`];
  return { ...base, state: 'here', detail: `${[...fromFile, ...token].join(', ')}${read.helpers}` };
}

async function hostsIn(path: string): Promise<{ hosts: string[]; helpers: string } | string> {
  try {
    const config: unknown = JSON.parse(await readFile(path, 'utf8'));
    const helpers = [...keysOf(config, 'credHelpers'), ...(hasText(config, 'credsStore') ? ['the credsStore'] : [])];
    return {
      hosts: keysOf(config, 'auths'),
      helpers: helpers.length === 0 ? '' : `; credential helpers are named there and not asked (${helpers.join(', ')})`,
    };
  } catch (error) {
    if (errnoOf(error) === 'ENOENT' || errnoOf(error) === 'ENOTDIR') return { hosts: [], helpers: '' };
    return error instanceof SyntaxError ? 'is not valid JSON' : `cannot be read (${errnoOf(error) ?? 'unknown error'})`;
  }
}

function keysOf(config: unknown, key: string): string[] {
  const part = memberOf(config, key);
  return typeof part === 'object' && part !== null ? Object.keys(part).sort() : [];
}

function hasText(config: unknown, key: string): boolean {
  const part = memberOf(config, key);
  return typeof part === 'string' && part !== '';
}

function memberOf(config: unknown, key: string): unknown {
  return typeof config === 'object' && config !== null ? (config as Record<string, unknown>)[key] : undefined;
}
