import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** How dockerode's transport reaches an engine. */
export interface Endpoint {
  socketPath?: string;
  protocol?: 'http' | 'https';
  host?: string;
  port?: number;
  ca?: Buffer;
  cert?: Buffer;
  key?: Buffer;
}

/** Where an engine is, or why the address cannot be used and what to do about it. */
export type EngineAddress =
  | { address: string; endpoint: Endpoint }
  | { address: string; endpoint?: undefined; reason: string; hint: string };

const DEFAULT = process.platform === 'win32' ? 'npipe:////./pipe/docker_engine' : 'unix:///var/run/docker.sock';

/**
 * Where the environment says that the engine is, by the rules of the docker command: `DOCKER_HOST` (`unix://`, `tcp://`,
 * `npipe://`), with TLS where `DOCKER_TLS_VERIFY` is not empty and the files of `DOCKER_CERT_PATH` (`~/.docker`).
 */
export function engineAddress(env: NodeJS.ProcessEnv): EngineAddress {
  const address = env.DOCKER_HOST === undefined || env.DOCKER_HOST === '' ? DEFAULT : env.DOCKER_HOST;
  const [, scheme = 'tcp', rest = ''] = /^(?:([a-z]+):\/\/)?(.*)$/s.exec(address) ?? [];
  switch (scheme) {
    case 'unix':
    case 'npipe':
      return { address, endpoint: { socketPath: rest === '' ? DEFAULT.replace(/^[a-z]+:\/\//, '') : rest } };
    case 'tcp':
    case 'http':
    case 'https':
      return overTcp(address, scheme === 'https', rest, env);
    case 'ssh':
      return {
        address,
        reason: 'DOCKER_HOST is an ssh:// address, which Baton does not connect to',
        hint: `Forward the engine's socket and name that one: ssh -nNT -L /tmp/engine.sock:/var/run/docker.sock ${rest} & export DOCKER_HOST=unix:///tmp/engine.sock`,
      };
    default:
      return {
        address,
        reason: `DOCKER_HOST has the scheme "${scheme}", and unix:// or tcp:// was expected`,
        hint: 'Set DOCKER_HOST to unix:///path/of/docker.sock or tcp://host:port, or unset it.',
      };
  }
}

function overTcp(address: string, https: boolean, rest: string, env: NodeJS.ProcessEnv): EngineAddress {
  const url = URL.parse(`http://${rest}`);
  if (url === null || url.hostname === '' || url.pathname !== '/') {
    return {
      address,
      reason: 'DOCKER_HOST is not of the form tcp://host:port',
      hint: 'Set DOCKER_HOST to tcp://host:port, for example tcp://127.0.0.1:2375.',
    };
  }
  const secure = https || (env.DOCKER_TLS_VERIFY ?? '') !== '';
  const host = url.hostname.replace(/^\[|\]$/g, '');
  // URL drops :80, which is the default of http and not of an engine.
  const port = Number(url.port || (/:80$/.test(rest.replace(/\/$/, '')) ? 80 : secure ? 2376 : 2375));
  if (!secure) return { address, endpoint: { protocol: 'http', host, port } };
  const directory = env.DOCKER_CERT_PATH || join(env.HOME ?? homedir(), '.docker');
  const files: Endpoint = {};
  for (const name of ['ca', 'cert', 'key'] as const) {
    const path = join(directory, `${name}.pem`);
    if (!existsSync(path)) continue;
    try {
      files[name] = readFileSync(path);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      return { address, reason: `${path} cannot be read: ${why}`, hint: 'Check the permissions of the file.' };
    }
  }
  if ((files.cert === undefined) !== (files.key === undefined)) {
    return {
      address,
      reason: `${directory} has only one of cert.pem and key.pem, and TLS needs both`,
      hint: 'Set DOCKER_CERT_PATH to the directory that holds ca.pem, cert.pem and key.pem.',
    };
  }
  return { address, endpoint: { protocol: 'https', host, port, ...files } };
}
