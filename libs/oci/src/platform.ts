import { BatonError, nearest } from '@baton/kernel';

/** What an image runs on (OCI image index specification, `platform`): names as Go spells them. */
export interface Platform {
  os: string;
  architecture: string;
  variant?: string;
  'os.version'?: string;
  'os.features'?: string[];
}

const SYSTEMS = [
  'linux',
  'windows',
  'darwin',
  'freebsd',
  'netbsd',
  'openbsd',
  'dragonfly',
  'solaris',
  'illumos',
  'aix',
  'android',
  'ios',
  'plan9',
  'js',
  'wasip1',
];
const ARCHITECTURES = [
  'amd64',
  'arm64',
  'arm',
  '386',
  'loong64',
  'mips',
  'mipsle',
  'mips64',
  'mips64le',
  'ppc64',
  'ppc64le',
  'riscv64',
  's390x',
  'wasm',
];
const ALIASES: Record<string, string> = {
  x86_64: 'amd64',
  'x86-64': 'amd64',
  x64: 'amd64',
  aarch64: 'arm64',
  armv8: 'arm64',
  armhf: 'arm/v7',
  armv7: 'arm/v7',
  armv7l: 'arm/v7',
  armel: 'arm/v6',
  armv6l: 'arm/v6',
  i386: '386',
  i686: '386',
  x86: '386',
  ia32: '386',
  macos: 'darwin',
};

/** Reads `os/architecture[/variant]`. Throws `INVALID_PLATFORM`, with the right name in the hint where one is meant. */
export function parsePlatform(text: string): Platform {
  const [os, architecture, variant, ...rest] = text.split('/');
  if (os === undefined || architecture === undefined || rest.length > 0) {
    throw invalid(text, 'it is not os/architecture[/variant]', 'Write it like linux/amd64 or linux/arm/v7.');
  }
  known(text, os, SYSTEMS, 'operating system', (name) => [name, architecture, variant]);
  known(text, architecture, ARCHITECTURES, 'architecture', (name) => [os, name, variant]);
  if (variant === undefined) return { os, architecture };
  if (!/^[a-z0-9][a-z0-9._-]{0,30}$/.test(variant)) {
    throw invalid(text, `"${variant}" is not a variant`, 'A variant is a short word such as v7 or v8.');
  }
  return { os, architecture, variant };
}

/** `os/architecture[/variant]` of a platform, for people and for keys. */
export function formatPlatform(platform: Platform): string {
  const variant = platform.variant === undefined ? '' : `/${platform.variant}`;
  return `${platform.os}/${platform.architecture}${variant}`;
}

/**
 * Whether two platforms mean the same machine. A missing variant means the usual one (arm64: v8, arm: v7, amd64: v1);
 * `os.version` counts only where both give it; features do not count.
 */
export function samePlatform(a: Platform, b: Platform): boolean {
  const versions = [a['os.version'], b['os.version']];
  return (
    a.os === b.os &&
    a.architecture === b.architecture &&
    variantOf(a) === variantOf(b) &&
    (versions[0] === undefined || versions[1] === undefined || versions[0] === versions[1])
  );
}

const USUAL: Record<string, string> = { arm64: 'v8', arm: 'v7', amd64: 'v1' };

function variantOf({ architecture, variant }: Platform): string {
  if (variant === undefined || variant === '') return USUAL[architecture] ?? '';
  return /^[0-9]/.test(variant) ? `v${variant}` : variant;
}

function known(
  text: string,
  name: string,
  names: readonly string[],
  what: string,
  rewrite: (name: string) => (string | undefined)[],
): void {
  if (names.includes(name)) return;
  const meant = ALIASES[name.toLowerCase()] ?? nearest(name, names);
  const hint =
    meant === undefined
      ? `Known: ${names.join(', ')}.`
      : `Write "${rewrite(meant)
          .filter((part) => part !== undefined)
          .join('/')}".`;
  throw invalid(text, `"${name}" is not the name of an ${what} in images`, hint);
}

function invalid(text: string, why: string, hint: string): BatonError {
  return new BatonError(
    'INVALID_PLATFORM',
    `expected a platform, found ${JSON.stringify(text.slice(0, 120))}: ${why}`,
    { hint },
  );
}
