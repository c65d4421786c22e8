import { copyContents } from './copy-file.ts';

/**
 * Copies the bytes of the container's resolv.conf over that of the root mount (contract, section 4 item 3): contents only, in place.
 *
 * A source or an `etc` that is missing, or both being one file, is a crash (`shutil.SameFileError`, FileNotFoundError). `source` is
 * another file in tests.
 */
export function copyResolv(rootMount: string, source = '/etc/resolv.conf'): void {
  copyContents(source, `${rootMount}/etc/resolv.conf`);
}
