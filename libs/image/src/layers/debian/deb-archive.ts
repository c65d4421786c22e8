import { BatonError, runProcess, streamProcess, succeeded } from '@baton/kernel';
import { readTar, type TarHeader } from '@baton/oci';
import { type AptPackage, aptFailed } from './apt-lookup.ts';
import { type Apt, aptEnv, explainMissing } from './apt-state.ts';
import { debPath } from './deb-cache.ts';
import { type Control, parseControl } from './dpkg-status.ts';

/** Reads the control paragraph of a package in the cache, and checks that it is the package that was asked for. */
export async function readControl(apt: Apt, item: AptPackage): Promise<Control> {
  const result = await runProcess({
    command: 'dpkg-deb',
    args: ['--field', debPath(apt, item)],
    env: aptEnv(apt.io.env),
    signal: apt.io.signal,
  }).catch((error: unknown) => {
    throw explainMissing(error);
  });
  if (!succeeded(result)) throw aptFailed('dpkg-deb', result.stderr.toString('utf8'));
  const control = parseControl(result.stdout, `${item.package} ${item.version}`);
  const right =
    control.package === item.package &&
    control.version === item.version &&
    (control.architecture === 'all' || control.architecture === apt.architecture);
  if (right) return control;
  throw new BatonError(
    'BASE_DRIFT',
    `the package with sha256 ${item.sha256} is ${control.package} ${control.version} for ${control.architecture}, expected ${item.package} ${item.version} for ${apt.architecture}`,
    { hint: 'Run "baton image lock" to look at the archive again.' },
  );
}

/** The files of a package in the cache, with owners and permissions as its maintainer set them. */
export async function* readFiles(
  apt: Apt,
  item: AptPackage,
): AsyncGenerator<{ header: TarHeader; body: AsyncIterable<Buffer> }> {
  const tar = streamProcess({
    command: 'dpkg-deb',
    args: ['--fsys-tarfile', debPath(apt, item)],
    env: aptEnv(apt.io.env),
    signal: apt.io.signal,
  });
  try {
    yield* readTar(tar, `Debian package ${item.package} ${item.version}`);
  } catch (error) {
    throw explainMissing(error);
  }
}
