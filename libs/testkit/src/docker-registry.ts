import { spawn } from 'node:child_process';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { get } from 'node:http';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { startTokenServer, TOKEN_ISSUER, TOKEN_SERVICE } from './docker-token-server.ts';
import { testCertificate } from './registry-certificate.ts';
import { temporaryDirectory } from './temp.ts';

/** How to start Debian's `docker-registry`. */
export interface DockerRegistryOptions {
  /** Asks for {@link DOCKER_REGISTRY_USER}, over Basic or over Bearer (which needs the openssl command). */
  auth?: 'basic' | 'bearer';
  /** Lines of YAML to put into the `http:` section, without indentation. */
  http?: readonly string[];
  /** Where it keeps its content; a temporary directory by default. */
  root?: string;
}

/** A running `docker-registry`. */
export interface DockerRegistry {
  /** `127.0.0.1:PORT`. */
  readonly host: string;
  readonly root: string;
  readonly pid: number;
  /** What it logged so far. */
  log(): string;
  /** Ends it and starts it again on the same port and root. */
  restart(): Promise<void>;
  /** Ends it (SIGKILL) and returns when it is gone; its content stays until the tests are over. */
  stop(): Promise<void>;
}

/** The account of a registry started with `auth`. */
export const DOCKER_REGISTRY_USER = { username: 'baton', password: 'baton-test' };

// bcrypt of the password above (htpasswd -B), the only form that it reads.
const HTPASSWD = 'baton:$2y$04$abcdefghijklmnopqrstuu9Qf9da5qv6Yekj43eVOnNxIpHhkAtEO\n';
const STARTING = 20_000;

/**
 * Starts the `docker-registry` program (distribution 2.8) on 127.0.0.1, on a free port and a root of its own, and
 * returns once it answers. Tests that use it say `needs('docker-registry')`.
 */
export async function startDockerRegistry(options: DockerRegistryOptions = {}): Promise<DockerRegistry> {
  const directory = temporaryDirectory('docker-registry');
  const root = options.root ?? join(directory, 'root');
  await mkdir(root, { recursive: true });
  const { lines, stop } = await authOf(options.auth, directory);
  for (let attempt = 1; ; attempt += 1) {
    const port = await freePort();
    const config = join(directory, `config-${port}.yml`);
    await writeFile(config, configOf(port, root, [...(options.http ?? []).map((line) => `  ${line}`), ...lines]));
    try {
      return await run(config, port, root, stop);
    } catch (error) {
      // Somebody else may have taken the port between asking for it and using it.
      if (attempt === 5) {
        await stop();
        throw error;
      }
      await rm(config);
    }
  }
}

/** The lines of the `auth` section, and what has to be stopped with the registry. */
async function authOf(
  auth: DockerRegistryOptions['auth'],
  directory: string,
): Promise<{ lines: string[]; stop(): Promise<void> }> {
  if (auth === undefined) return { lines: [], stop: async () => undefined };
  if (auth === 'basic') {
    const path = join(directory, 'htpasswd');
    await writeFile(path, HTPASSWD);
    return { lines: ['auth:', '  htpasswd:', '    realm: test', `    path: ${path}`], stop: async () => undefined };
  }
  const certificate = testCertificate();
  const path = join(directory, 'tokens.pem');
  await writeFile(path, certificate.cert);
  const { realm, stop } = await startTokenServer(certificate, DOCKER_REGISTRY_USER);
  const names = [`    service: ${TOKEN_SERVICE}`, `    issuer: ${TOKEN_ISSUER}`];
  return { lines: ['auth:', '  token:', `    realm: ${realm}`, ...names, `    rootcertbundle: ${path}`], stop };
}

/** @param rest lines behind the `http` section's own */
function configOf(port: number, root: string, rest: readonly string[]): string {
  const lines = [
    'version: 0.1',
    'log:',
    '  level: warn',
    '  accesslog:',
    '    disabled: true',
    'storage:',
    '  filesystem:',
    `    rootdirectory: ${root}`,
    '  delete:',
    '    enabled: true',
    'http:',
    `  addr: 127.0.0.1:${port}`,
    '  secret: for-tests-only',
    ...rest,
  ];
  return `${lines.join('\n')}\n`;
}

async function run(config: string, port: number, root: string, stopAuth: () => Promise<void>): Promise<DockerRegistry> {
  let output = '';
  const start = async (): Promise<{ pid: number; stop(): Promise<void> }> => {
    const child = spawn('docker-registry', ['serve', config], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { PATH: process.env.PATH, HOME: root },
    });
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk: Buffer) => {
        output = `${output}${chunk.toString('utf8')}`.slice(-100_000);
      });
    }
    const ended = new Promise<string>((resolve) => {
      child.once('error', (error) => resolve(error.message));
      child.once('exit', (code, signal) => resolve(`it ended with ${code ?? signal}`));
    });
    // A run that dies must not leave it behind.
    const onExit = (): void => void child.kill('SIGKILL');
    process.once('exit', onExit);
    const stop = async (): Promise<void> => {
      child.kill('SIGKILL');
      await ended;
      process.removeListener('exit', onExit);
    };
    const failed = await Promise.race([answers(port), ended]);
    if (failed === undefined && child.pid !== undefined) return { pid: child.pid, stop };
    await stop();
    throw new Error(`docker-registry did not start on port ${port}: ${failed ?? 'no pid'}\n${output}`);
  };

  let current = await start();
  return {
    host: `127.0.0.1:${port}`,
    root,
    get pid() {
      return current.pid;
    },
    log: () => output,
    async restart() {
      await current.stop();
      current = await start();
    },
    async stop() {
      await current.stop();
      await stopAuth();
    },
  };
}

/** Undefined once something answers HTTP on the port; a reason when nothing did for too long. */
async function answers(port: number): Promise<string | undefined> {
  const end = performance.now() + STARTING;
  while (performance.now() < end) {
    const answered = await new Promise<boolean>((resolve) => {
      const request = get({ host: '127.0.0.1', port, path: '/', agent: false }, (response) => {
        response.resume();
        resolve(true);
      });
      request.once('error', () => resolve(false));
    });
    if (answered) return undefined;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return `no answer within ${STARTING} ms`;
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}
