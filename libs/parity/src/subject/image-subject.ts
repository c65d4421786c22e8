import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { BatonError, effect } from '@baton/kernel';
import { formatPlatform } from '@baton/oci';
import { takeTree } from '../capture/tree-snapshot.ts';
import type { Identity, Subject } from '../model/observation.ts';
import { engineSubject } from './engine-subject.ts';
import { isProgram } from './find-program.ts';
import { findWay, openImageRoom, type RoomWay, type Unpacked } from './image-room.ts';
import { openImageSource } from './image-source.ts';
import { followedInside } from './inside-root.ts';
import { observeScenario } from './observe-scenario.ts';
import { layFeederOf, openPremises } from './premises.ts';
import type { Launch } from './room.ts';
import { demandRunnable } from './runnable.ts';
import type { ImageSpec, SubjectOptions } from './subject-spec.ts';
import type { Tools } from './tools.ts';
import { layDirectories } from './tree-layout.ts';
import { type PlatformImage, readImage, unpackImage } from './unpack-image.ts';

/**
 * An image, by digest. Its entrypoint (or, without one, its Cmd) is run with the arguments and with nothing but the
 * environment and working directory of the scenario: `Env`, `WorkingDir` and `Cmd` of the image play no part.
 *
 * Errors: `SUBJECT_NOT_FOUND`, `PLATFORM_MISSING`, `IMAGE_INVALID`, `NAMESPACE_UNAVAILABLE`, those of registries and engines.
 */
export async function imageSubject(spec: ImageSpec, options: SubjectOptions): Promise<Subject> {
  const source = await openImageSource(spec, options);
  try {
    const image = await readImage(source);
    const facts = {
      manifest: image.digest,
      platform: formatPlatform(image.platform),
      command: commandOf(image, source.name).join(' '),
      driver: spec.driver ?? 'chroot',
    };
    const identity: Identity = { kind: 'container', name: source.name, digest: source.digest, facts };
    if (spec.driver === 'engine')
      return await engineSubject(spec, { source, image, identity, command: commandOf(image, source.name) }, options);
    demandRoot(image, source.name);

    const premises = await openPremises(options);
    try {
      const { directory, tools } = premises;
      const root = join(directory, 'image');
      await unpackImage(source, image, root);
      demandProgram(root, commandOf(image, source.name)[0] ?? '', source.name);
      const unpacked: Unpacked = { directory: root, tree: await takeTree(root, new Set(), { hash: false }) };
      const found: { way: RoomWay; why?: string } =
        options.root === undefined ? await tryOverlay(directory, unpacked, tools) : { way: options.root };
      const { way, why } = found;
      const launch: Launch = {
        command: commandOf(image, source.name),
        mounts: [],
        clock: spec.clock,
        devices: 'container',
        lay: ({ root: at }) => layDirectories(at, { '/tmp': 0o1777 }),
      };
      const house = {
        ...premises,
        launch,
        layFeeder: layFeederOf(options),
        openRoom: (place: string) => openImageRoom(way, place, unpacked, tools),
      };
      return {
        identity: async () => ({
          ...identity,
          facts: { ...facts, root: why === undefined ? way : `${way}: ${why}`, ...tools.facts },
        }),
        observe: (scenario, io) => observeScenario(house, scenario, io),
        async close() {
          source.close();
          await premises.reaper.close();
        },
      };
    } catch (error) {
      await premises.reaper.close();
      throw error;
    }
  } catch (error) {
    source.close();
    throw error;
  }
}

function commandOf({ config }: PlatformImage, name: string): string[] {
  const { Entrypoint = [], Cmd = [] } = config.config ?? {};
  const command = Entrypoint.length > 0 ? Entrypoint : Cmd;
  if (command.length > 0) return command;
  throw new BatonError('SUBJECT_NOT_FOUND', `the image ${name} names no program: neither Entrypoint nor Cmd`);
}

async function tryOverlay(directory: string, image: Unpacked, tools: Tools): Promise<{ way: RoomWay; why?: string }> {
  const trial = join(directory, 'trial');
  await effect('mkdir', trial, () => mkdir(trial));
  return await findWay(trial, image, tools);
}

// A name without a slash is looked for in the PATH of each scenario.
function demandProgram(root: string, program: string, name: string): void {
  if (!program.includes('/')) return;
  const path = followedInside(root, program);
  if (!isProgram(path)) {
    throw new BatonError('SUBJECT_NOT_FOUND', `the image ${name} does not hold the program ${program} that it runs`);
  }
  demandRunnable(path, `${program} of the image ${name}`);
}

// Nobody can become another user once the mounts are made, without a program in the image that does it.
function demandRoot({ config }: PlatformImage, name: string): void {
  const user = config.config?.User ?? '';
  if (/^(?:root|0)?(?::(?:root|0))?$/.test(user)) return;
  throw new BatonError(
    'SUBJECT_FAILED',
    `the image ${name} runs as user ${user}, and unpacked it can only run as root`,
    {
      hint: 'Run it by a container engine: driver engine.',
    },
  );
}
