import { compareText } from '@baton/kernel';

/** A file or link that no package holds. */
export type MadeFile = { path: string } & ({ text: string } | { link: string });

/** What packages hold, for those who make files from it. */
export interface PackageFiles {
  /** Every path, in any order. */
  paths: Iterable<string>;
  has(path: string): boolean;
  /** Whether packages hold a directory at this path and nothing in it. */
  isEmptyDirectory(path: string): boolean;
  read(path: string): Promise<Buffer>;
}

const CERTIFICATES = 'usr/share/ca-certificates';
const CERTIFICATE = /^usr\/share\/ca-certificates\/.+\.crt$/;

const NSSWITCH = `passwd: files
group: files
shadow: files
hosts: files dns
networks: files
protocols: files
services: files
`;

const HOSTS = `127.0.0.1\tlocalhost
::1\tlocalhost ip6-localhost ip6-loopback
`;

/**
 * Makes what the packages' own scripts would have made: they never run. Each file only where the package that would
 * make it is there, and nothing that a package holds is replaced but an empty directory (by its link).
 */
export async function madeFiles(files: PackageFiles): Promise<MadeFile[]> {
  const made: MadeFile[] = [];
  const when = (source: string, ...add: MadeFile[]): void => {
    if (files.has(source)) made.push(...add);
  };
  for (const name of ['passwd', 'group']) {
    const master = `usr/share/base-passwd/${name}.master`;
    if (files.has(master)) made.push({ path: `etc/${name}`, text: (await files.read(master)).toString('utf8') });
  }
  const bundle = await certificateBundle(files);
  if (bundle !== undefined) made.push({ path: 'etc/ssl/certs/ca-certificates.crt', text: bundle });
  when('usr/share/zoneinfo/Etc/UTC', { path: 'etc/localtime', link: '/usr/share/zoneinfo/Etc/UTC' });
  when('usr/share/zoneinfo/Etc/UTC', { path: 'etc/timezone', text: 'Etc/UTC\n' });
  when('usr/lib/os-release', { path: 'etc/os-release', link: '../usr/lib/os-release' });
  when('etc/debian_version', { path: 'etc/nsswitch.conf', text: NSSWITCH }, { path: 'etc/hosts', text: HOSTS });
  when('etc/debian_version', { path: 'var/run', link: '/run' }, { path: 'var/lock', link: '/run/lock' });
  return made.filter((file) => !files.has(file.path) || ('link' in file && files.isEmptyDirectory(file.path)));
}

/** Whether something is only there to become part of a made file. */
export function isConsumed(path: string): boolean {
  return path === CERTIFICATES || path.startsWith(`${CERTIFICATES}/`);
}

// As update-ca-certificates does it: every certificate, one after the other.
async function certificateBundle(files: PackageFiles): Promise<string | undefined> {
  const paths = [...files.paths].filter((path) => CERTIFICATE.test(path)).sort(compareText);
  if (paths.length === 0) return undefined;
  const certificates: string[] = [];
  for (const path of paths) {
    const text = (await files.read(path)).toString('utf8');
    certificates.push(text.endsWith('\n') ? text : `${text}\n`);
  }
  return certificates.join('');
}
