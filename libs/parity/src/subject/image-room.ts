import { mkdir, readFile, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { BatonError, effect, runProcess, startProcess, succeeded, toolEnv } from '@baton/kernel';
import type { TreeNode } from '../capture/tree-snapshot.ts';
import type { Room } from './room.ts';
import { type Tools, unshareWords } from './tools.ts';

/** An image that was unpacked. Nothing changes it. */
export interface Unpacked {
  directory: string;
  tree: TreeNode;
}

/** How a scenario gets a root that it may write to: `overlay` costs nothing; `copy` works on every file system. */
export type RoomWay = 'overlay' | 'copy';

const MOUNTING = 20_000; // milliseconds

// Keeps the mount, until its input ends: then namespace and mount are gone, unless a run still goes on.
const HOLDER = `
exec 2>&1
"$1" -t overlay -o "$2" overlay merged && echo mounted || exit 1
read -r end
`;

/** Makes the root of one scenario below `directory`, by the way that was found to work. */
export async function openImageRoom(way: RoomWay, directory: string, image: Unpacked, tools: Tools): Promise<Room> {
  return way === 'overlay' ? await overlayRoom(directory, image, tools) : await copiedRoom(directory, image, tools);
}

/**
 * Finds out whether overlays can be had on the file system of `directory` (empty; files stay in it).
 *
 * @returns the way, and why it is not the better one
 */
export async function findWay(
  directory: string,
  image: Unpacked,
  tools: Tools,
): Promise<{ way: RoomWay; why?: string }> {
  try {
    await (await overlayRoom(directory, image, tools)).close();
    return { way: 'overlay' };
  } catch (error) {
    if (!(error instanceof BatonError) || error.code !== 'NAMESPACE_UNAVAILABLE') throw error;
    return { way: 'copy', why: error.message };
  }
}

async function overlayRoom(directory: string, image: Unpacked, tools: Tools): Promise<Room> {
  const [upper, scratch, merged] = ['upper', 'scratch', 'merged'].map((name) => join(directory, name));
  for (const path of [upper, scratch, merged]) if (path !== undefined) await effect('mkdir', path, () => mkdir(path));
  // By names without commas and colons, which would end an option.
  await effect('link', join(directory, 'lower'), () => symlink(image.directory, join(directory, 'lower')));
  const options = [
    'lowerdir=lower,upperdir=upper,workdir=scratch,redirect_dir=off,index=off,metacopy=off',
    ...(tools.userNamespace ? ['userxattr'] : []),
  ].join(',');
  const log = join(directory, 'mount.log');
  const [command = '', ...args] = [
    ...unshareWords(tools),
    tools.busybox,
    'sh',
    '-c',
    HOLDER,
    'sh',
    tools.mount,
    options,
  ];
  const holder = await startProcess({
    command,
    args,
    cwd: directory,
    env: toolEnv(),
    files: [log, log],
    input: 'open',
  });
  let ended = false;
  void holder.ended.then(() => {
    ended = true;
  });
  const close = async (): Promise<void> => {
    holder.closeInput();
    await holder.ended;
  };
  const limit = performance.now() + MOUNTING;
  for (;;) {
    const said = await readFile(log, 'utf8');
    if (said.endsWith('mounted\n')) break;
    if (ended || performance.now() > limit) {
      await close();
      throw new BatonError(
        'NAMESPACE_UNAVAILABLE',
        `no overlay in ${directory}: ${said.trim().replaceAll('\n', '; ')}`,
      );
    }
    await sleep(1);
  }
  const proc = `/proc/${holder.pid}`;
  const spaces = tools.userNamespace
    ? ['--preserve-credentials', `--user=${proc}/ns/user`, `--mount=${proc}/ns/mnt`]
    : [`--mount=${proc}/ns/mnt`];
  return {
    root: `${proc}/root${merged}`,
    rootInside: merged ?? '',
    enter: [tools.nsenter, ...spaces],
    below: { node: image.tree, upper: upper ?? '' },
    close,
  };
}

async function copiedRoom(directory: string, image: Unpacked, tools: Tools): Promise<Room> {
  const root = join(directory, 'container');
  const ran = await runProcess({
    command: tools.busybox,
    args: ['cp', '-a', image.directory, root],
    env: toolEnv(),
  });
  if (!succeeded(ran)) {
    throw new BatonError('SUBJECT_FAILED', `the image could not be copied: ${ran.stderr.toString('utf8').trim()}`);
  }
  return { root, rootInside: root, enter: [], below: { node: image.tree }, close: async () => undefined };
}
