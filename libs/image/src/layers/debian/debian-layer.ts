import { join } from 'node:path';
import { BatonError, canonicalJson, compareText, plural, sha256 } from '@baton/kernel';
import type { DebianLayer } from '@baton/manifest';
import { formatPlatform, type Platform, type TarEntry } from '@baton/oci';
import type { LockedDebian, LockFile } from '../../lock-file.ts';
import type { ResolvedLayer, SourceIo } from '../resolved-layer.ts';
import { openSpool } from '../spool.ts';
import { type AptPackage, type Lookup, lookUp } from './apt-lookup.ts';
import { type Apt, openApt } from './apt-state.ts';
import { readControl, readFiles } from './deb-archive.ts';
import { absentDebs, ensureDebs } from './deb-cache.ts';
import { debianArchitecture } from './debian-arch.ts';
import { assemble, type PackageContent } from './debian-assembly.ts';
import { type DebianDrift, driftBetween, drifted, notesOn } from './debian-drift.ts';
import { statusEntry } from './dpkg-status.ts';

/** Part of every key: raised when the assembly makes other bytes from the same packages. */
const FORM = 1;

/**
 * Decides a layer of Debian packages by their versions and hashes; exactly the packages named, none that they depend on.
 *
 * In mode `current` the host's archive is asked, and notes say what moved against the lock. In mode `locked` (the
 * layer's own, or `io.locked`) the lock decides; packages that are in the cache are not asked for.
 *
 * Errors: `LOCK_MISSING`, `BASE_DRIFT` (the archive no longer has what is locked), `PACKAGE_UNAVAILABLE`,
 * `PLATFORM_UNSUPPORTED`, `TOOL_MISSING` (no Debian host).
 */
export async function resolveDebianLayer(
  lock: LockFile,
  layer: DebianLayer,
  platform: Platform,
  io: SourceIo,
): Promise<ResolvedLayer> {
  const architecture = debianArchitecture(platform);
  const apt = await openApt(architecture, io);
  const pins = lock.debian[architecture] ?? {};
  const wanted = [...layer.debian].sort(compareText);
  const { packages, notes } =
    io.locked || layer.resolve === 'locked' ? await locked(apt, wanted, pins) : await current(apt, wanted, pins);
  return {
    title: `debian ${wanted.length > 3 ? `${wanted.length} packages` : wanted.join(' ')} (${formatPlatform(platform)})`,
    key: sha256(
      canonicalJson({
        source: 'debian',
        form: FORM,
        architecture,
        packages: packages.map((p) => ({ ...p })),
        epoch: io.epoch,
      }),
    ),
    entries: () => entriesOf(apt, packages),
    compression: layer.compression,
    materials: packages.map((item) => ({
      name: `debian:${item.package}@${item.version}?arch=${architecture}`,
      digest: { sha256: item.sha256 },
      role: 'debian',
    })),
    stampInputs: [],
    notes,
  };
}

/** What the host's archive has now, by package: what `baton image lock` records. Errors: as {@link resolveDebianLayer}. */
export async function currentDebian(
  packages: readonly string[],
  platform: Platform,
  io: SourceIo,
): Promise<Record<string, LockedDebian>> {
  const apt = await openApt(debianArchitecture(platform), io);
  const { found } = await askAll(apt, packages);
  return Object.fromEntries(found.map(({ package: name, ...pin }) => [name, pin]));
}

async function current(
  apt: Apt,
  wanted: readonly string[],
  pins: Readonly<Record<string, LockedDebian>>,
): Promise<{ packages: AptPackage[]; notes: string[] }> {
  const { found, notes } = await askAll(apt, wanted);
  return { packages: found, notes: [...notes, ...notesOn(apt.architecture, driftBetween(pins, found))] };
}

async function askAll(apt: Apt, wanted: readonly string[]): Promise<{ found: AptPackage[]; notes: string[] }> {
  const answer = await apt.alone(() => lookUp(apt, wanted));
  const found = wanted.flatMap((name) => answer.found.get(name) ?? []);
  if (found.length === wanted.length) return { found, notes: answer.notes };
  throw unavailable(apt, wanted, answer);
}

async function locked(
  apt: Apt,
  wanted: readonly string[],
  pins: Readonly<Record<string, LockedDebian>>,
): Promise<{ packages: AptPackage[]; notes: string[] }> {
  const unpinned = wanted.filter((name) => pins[name] === undefined);
  if (unpinned.length > 0) {
    throw new BatonError(
      'LOCK_MISSING',
      `image.lock.json has no entry for ${plural(unpinned.length, 'Debian package')} (${apt.architecture}): ${unpinned.join(', ')}`,
      { hint: 'Run "baton image lock" and commit the file.' },
    );
  }
  const packages = wanted.flatMap((name) => {
    const pin = pins[name];
    return pin === undefined ? [] : [{ package: name, ...pin }];
  });
  const absent = await absentDebs(apt, packages);
  if (absent.length === 0) return { packages, notes: [] };
  const drift = await apt.alone(() => driftOf(apt, absent));
  if (drift.length > 0) throw drifted(apt.architecture, drift);
  return { packages, notes: [] };
}

// Asks for the locked versions first: an archive may have them beside newer ones.
async function driftOf(apt: Apt, pinned: readonly AptPackage[]): Promise<DebianDrift[]> {
  const exact = await lookUp(
    apt,
    pinned.map((item) => `${item.package}=${item.version}`),
  );
  const moved = pinned.filter((item) => exact.found.get(item.package)?.sha256 !== item.sha256);
  if (moved.length === 0) return [];
  const newest = await lookUp(
    apt,
    moved.map((item) => item.package),
  );
  return moved.map((item) => {
    const found = exact.found.get(item.package) ?? newest.found.get(item.package);
    return { package: item.package, locked: item, ...(found === undefined ? {} : { found }) };
  });
}

async function* entriesOf(apt: Apt, packages: readonly AptPackage[]): AsyncGenerator<TarEntry> {
  await apt.alone(() => ensureDebs(apt, packages));
  const spool = await openSpool(join(apt.dir, 'spool'));
  try {
    const contents: PackageContent[] = [];
    for (const item of packages) {
      const control = await readControl(apt, item);
      contents.push({ name: item.package, status: statusEntry(control), files: () => readFiles(apt, item) });
    }
    yield* await assemble(contents, spool, apt.io.epoch);
  } finally {
    await spool.close();
  }
}

function unavailable(apt: Apt, wanted: readonly string[], answer: Lookup): BatonError {
  const lacking = wanted.filter((name) => !answer.found.has(name));
  const why = [...answer.missing, ...answer.notes][0];
  return new BatonError(
    'PACKAGE_UNAVAILABLE',
    `the host's archive does not have ${lacking.join(', ')} for ${apt.architecture}${why === undefined ? '' : `: ${why}`}`,
    {
      hint:
        answer.notes.length > 0
          ? "The package lists could not be refreshed: check the network and the host's apt sources."
          : `Check the names in agent.yaml; some archives have no packages for ${apt.architecture}.`,
      retryable: answer.notes.length > 0,
    },
  );
}
