import { access, chmod, constants, lstat, mkdir, readdir } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { BatonError, effect, errnoOf, plural, removeTree, runProcess, succeeded, toolEnv } from '@baton/kernel';
import { type ContentStore, type Descriptor, flattenLayers, openLayer, unpackTo } from '@baton/oci';
import type { ImageIo } from '../types.ts';
import { findUser } from './image-user.ts';
import { type Attempt, MOST_KEPT, type SmokeSubject } from './smoke-run.ts';

/** Variables that act on the programs of this machine before the image's own is started. */
const ACTS_HERE = /^(?:LD_|GCONV_PATH$|LOCPATH$|NLSPATH$|GLIBC_TUNABLES$)/;

interface Way {
  how: string;
  /** What is tried before, to learn whether this machine allows it. */
  probe: string[];
  /** The words before those of the image's own program. */
  command(root: string): string[];
}

/**
 * Starts an image without an engine: unpacked below `dir` and with that as its root, in namespaces of its own where the
 * machine allows them (no network, no other processes), else by chroot alone as root. What the machine does not allow
 * is a reason, not an error. The caller removes `dir`, with {@link removeUnpacked}.
 *
 * @param blobs holds the layers, verified
 */
export async function startUnpacked(
  dir: string,
  smoke: SmokeSubject,
  blobs: ContentStore,
  io: ImageIo,
): Promise<Attempt> {
  if (process.platform !== 'linux') return { why: 'only Linux can start it unpacked' };
  const acting = Object.keys(smoke.env).filter((name) => ACTS_HERE.test(name));
  if (acting.length > 0)
    return { why: `it sets ${acting.join(', ')}, which would act on programs of this machine too` };
  const way = await firstWay(smoke, io);
  if ('why' in way) return way;

  const root = join(dir, 'root');
  const layers = smoke.platform.manifest.layers.map((layer: Descriptor) => {
    const where = `layer ${layer.digest}`;
    return { where, open: () => openLayer(blobs.stream(layer.digest, layer.size), layer.mediaType, where) };
  });
  const { devices } = await unpackTo(root, flattenLayers(layers), { where: smoke.platform.text });
  await makePlaces(root);
  if (process.getuid?.() === 0) await makeDevices(root);

  const how = `${way.how}${devices > 0 ? ` (without ${plural(devices, 'device')} of the image)` : ''}`;
  const [program = '', ...args] = way.command(root);
  const stdout: Buffer[] = [];
  let kept = 0;
  try {
    const ended = await runProcess({
      command: program,
      args: [...args, ...smoke.command],
      cwd: '/',
      env: smoke.env,
      signal: io.signal,
      timeout: smoke.settings.timeout * 1000,
      onStdout(chunk) {
        if (kept < MOST_KEPT) stdout.push(chunk);
        kept += chunk.byteLength;
      },
    });
    return { started: { how, code: ended.code, stdout: Buffer.concat(stdout), stderr: ended.stderr } };
  } catch (error) {
    if (!(error instanceof BatonError) || error.code !== 'TIMEOUT') throw error;
    return { started: { how, code: null, late: true, stdout: Buffer.concat(stdout), stderr: Buffer.alloc(0) } };
  }
}

async function firstWay(smoke: SmokeSubject, io: ImageIo): Promise<Way | { why: string }> {
  const refusals: string[] = [];
  for (const way of await waysOf(smoke)) {
    const [program = '', ...args] = way.probe;
    const tried = await runProcess({ command: program, args, env: toolEnv(), signal: io.signal, timeout: 10_000 });
    if (succeeded(tried)) return way;
    refusals.push(`${way.how}: ${tried.stderr.toString('utf8').trim().split('\n', 1).join('') || 'refused'}`);
  }
  return { why: refusals.length === 0 ? 'there is neither unshare nor (as root) chroot here' : refusals.join('; ') };
}

async function waysOf({ platform, tree }: SmokeSubject): Promise<Way[]> {
  const config = platform.config.config ?? {};
  const user = findUser(config.User ?? '', tree).user ?? { uid: 0, gids: [0], home: '/' };
  const workdir = config.WorkingDir ?? '';
  const start = tree.look(workdir).found?.header.type === 'directory' ? workdir || '/' : '/';
  const isRoot = process.getuid?.() === 0;
  const [unshare, chroot, yes, setpriv] = await Promise.all(['unshare', 'chroot', 'true', 'setpriv'].map(findHere));
  if (yes === undefined) return [];
  const ways: Way[] = [];
  // Whatever ends this process ends the program too: nobody would be left to end it at its time limit.
  const first = (program: string): string[] =>
    setpriv === undefined ? [program] : [setpriv, '--pdeathsig', 'KILL', program];
  const own = ['--mount', '--pid', '--fork', '--kill-child', '--net', '--ipc', '--uts', '--mount-proc'];
  const userspace = isRoot ? [] : ['--user', '--map-root-user'];
  const ids = isRoot ? ['--setuid', String(user.uid), '--setgid', String(user.gids[0] ?? 0)] : [];
  const as = isRoot || user.uid === 0 ? '' : ` (as root of a user namespace, not as user ${user.uid})`;
  if (unshare !== undefined) {
    for (const [flags, how] of [
      [own, 'in namespaces of its own'],
      [['--mount'], 'in a mount namespace, with the network and processes of this machine'],
    ] as const) {
      ways.push({
        how: `unpacked, ${how}${as}`,
        probe: [...first(unshare), ...userspace, ...flags, '--', yes],
        command: (root) => [...first(unshare), ...userspace, ...flags, '--root', root, '--wd', start, ...ids, '--'],
      });
    }
  }
  if (isRoot && chroot !== undefined) {
    const groups = user.gids.join(',');
    ways.push({
      how: `unpacked, by chroot${start === '/' ? '' : `, in / and not in ${start}`}`,
      probe: [...first(chroot), '/', yes],
      command: (root) => [...first(chroot), `--userspec=${user.uid}:${user.gids[0] ?? 0}`, `--groups=${groups}`, root],
    });
  }
  return ways;
}

async function findHere(program: string): Promise<string | undefined> {
  const directories = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/sbin', '/usr/bin', '/bin'];
  for (const directory of directories) {
    const path = join(directory, program);
    if (
      directory.startsWith('/') &&
      (await access(path, constants.X_OK).then(
        () => true,
        () => false,
      ))
    )
      return path;
  }
  return undefined;
}

/** Directories that an engine makes in every container. */
async function makePlaces(root: string): Promise<void> {
  for (const [name, mode] of [
    ['proc', 0o555],
    ['dev', 0o755],
    ['tmp', 0o1777],
  ] as const) {
    const path = join(root, name);
    // Whatever the image has there, a link as well, is left alone.
    if ((await lstat(path).catch(() => undefined)) !== undefined) continue;
    await effect('mkdir', path, () => mkdir(path));
    await chmod(path, mode);
  }
}

async function makeDevices(root: string): Promise<void> {
  const mknod = await findHere('mknod');
  const place = join(root, 'dev');
  // Never through a link: it would lead out of the root.
  if (mknod === undefined || (await lstat(place)).isDirectory() !== true) return;
  for (const [name, minor] of Object.entries({ null: 3, zero: 5, urandom: 9, random: 8 })) {
    const path = join(place, name);
    if ((await lstat(path).catch(() => undefined)) !== undefined) continue;
    // Where the file system or the machine does not allow devices, programs do without.
    await runProcess({
      command: mknod,
      args: ['-m', '666', path, 'c', '1', String(minor)],
      env: toolEnv(),
      timeout: 10_000,
    });
  }
}

/** Removes what was unpacked, also directories that the image closed to everybody. */
export async function removeUnpacked(dir: string): Promise<void> {
  try {
    await removeTree(dir);
  } catch (error) {
    if (errnoOf(error) !== 'EACCES' && errnoOf(error) !== 'EPERM') throw error;
    await openUp(dir);
    await removeTree(dir);
  }
}

async function openUp(path: string): Promise<void> {
  if (!(await lstat(path)).isDirectory()) return;
  await chmod(path, 0o700);
  for (const name of await readdir(path)) await openUp(join(path, name));
}
