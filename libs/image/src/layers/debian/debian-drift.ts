import { BatonError } from '@baton/kernel';
import type { LockedDebian } from '../../lock-file.ts';
import type { AptPackage } from './apt-lookup.ts';

/** A package whose lock and archive differ; no `found`: the archive does not have it any more. */
export interface DebianDrift {
  package: string;
  locked?: LockedDebian;
  found?: Pick<AptPackage, 'version' | 'sha256'>;
}

/** What differs between the lock and what was found. */
export function driftBetween(
  pins: Readonly<Record<string, LockedDebian>>,
  found: readonly AptPackage[],
): DebianDrift[] {
  return found.flatMap((item): DebianDrift[] => {
    const pin = pins[item.package];
    if (pin === undefined) return [{ package: item.package, found: item }];
    return pin.sha256 === item.sha256 && pin.version === item.version
      ? []
      : [{ package: item.package, locked: pin, found: item }];
  });
}

/** One difference in words: 'libc6 1.0 -> 1.1', or with the hashes where the version is the same. */
export function describeDrift(drift: DebianDrift): string {
  const { locked, found } = drift;
  if (locked === undefined) return `${drift.package} ${found?.version ?? ''} is not in the lock`;
  if (found === undefined) return `${drift.package} ${locked.version} is locked, the archive does not have it`;
  if (found.version !== locked.version)
    return `${drift.package} ${locked.version} is locked, the archive has ${found.version}`;
  return `${drift.package} ${locked.version} has sha256 ${locked.sha256.slice(0, 12)} in the lock, ${found.sha256.slice(0, 12)} in the archive`;
}

/** What a build in mode `current` tells about the lock it did not follow. */
export function notesOn(architecture: string, drift: readonly DebianDrift[]): string[] {
  const pinned = drift.filter((item) => item.locked !== undefined);
  const unpinned = drift.filter((item) => item.locked === undefined).map((item) => item.package);
  return [
    ...pinned.map((item) => `debian/${architecture}: ${describeDrift(item)}, and that is taken`),
    ...(unpinned.length === 0 ? [] : [`debian/${architecture}: not in the lock: ${unpinned.join(', ')}`]),
  ];
}

/** The error of a locked build whose packages cannot be had any more. */
export function drifted(architecture: string, drift: readonly DebianDrift[]): BatonError {
  const [first] = drift;
  const more = drift.length > 1 ? ` (and ${drift.length - 1} more)` : '';
  const what = first === undefined ? 'packages moved' : describeDrift(first);
  return new BatonError('BASE_DRIFT', `Debian packages for ${architecture} moved: ${what}${more}`, {
    hint: 'Run "baton image lock" to take what the archive has, or use a base from a registry pinned by digest.',
    details: {
      architecture,
      moved: drift.map((item) => ({
        package: item.package,
        locked: item.locked?.version ?? null,
        found: item.found?.version ?? null,
        lockedSha256: item.locked?.sha256 ?? null,
        foundSha256: item.found?.sha256 ?? null,
      })),
    },
  });
}
