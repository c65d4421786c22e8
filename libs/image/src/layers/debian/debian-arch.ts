import { BatonError } from '@baton/kernel';
import { formatPlatform, type Platform } from '@baton/oci';

const BY_PLATFORM: Record<string, string> = {
  'linux/386': 'i386',
  'linux/amd64': 'amd64',
  'linux/arm/v5': 'armel',
  'linux/arm': 'armhf',
  'linux/arm/v7': 'armhf',
  'linux/arm64': 'arm64',
  'linux/arm64/v8': 'arm64',
  'linux/loong64': 'loong64',
  'linux/mips64le': 'mips64el',
  'linux/ppc64le': 'ppc64el',
  'linux/riscv64': 'riscv64',
  'linux/s390x': 's390x',
};

/** Debian's name for the architecture of a platform. Errors: `PLATFORM_UNSUPPORTED`. */
export function debianArchitecture(platform: Platform): string {
  const text = formatPlatform({
    os: platform.os,
    architecture: platform.architecture,
    ...(platform.variant === undefined ? {} : { variant: platform.variant }),
  });
  const architecture = BY_PLATFORM[text];
  if (architecture !== undefined) return architecture;
  throw new BatonError('PLATFORM_UNSUPPORTED', `Debian has no packages for ${text}`, {
    hint: `Debian layers can be had for ${Object.keys(BY_PLATFORM).join(', ')}: limit the layer with \`platform\`.`,
  });
}
