import { setTimeout as sleep } from 'node:timers/promises';
import { BatonError } from '@baton/kernel';
import type { Intermediates } from './build-classic.ts';
import type { Connection } from './connection.ts';
import { refusalOf } from './failures.ts';

const ROUNDS = 40;
const PAUSE = 50;

/**
 * Removes what a classic build leaves that was interrupted or failed: the container of the step, and images without a
 * name. Images that others use by now are refused by the engine and stay. An engine that is gone keeps what it has.
 */
export async function removeRemains(connection: Connection, { containers, images }: Intermediates): Promise<void> {
  try {
    for (const id of containers) await removeContainer(connection, id);
    for (const id of [...images].reverse()) await removeUnnamed(connection, id);
  } catch (error) {
    if (!(error instanceof BatonError)) throw error;
  }
}

/** The engine may be removing it already (409): then waits until it is gone. */
async function removeContainer(connection: Connection, id: string): Promise<void> {
  for (let round = 0; round < ROUNDS; round += 1) {
    const gone = await connection.call(
      'removing a container',
      `DELETE /containers/${id}`,
      undefined,
      async (docker) => {
        try {
          await docker.getContainer(id).remove({ force: true, v: true });
          return false;
        } catch (error) {
          const { status } = refusalOf(error) ?? {};
          if (status === 404) return true;
          if (status === 409) return false;
          throw error;
        }
      },
    );
    if (gone) return;
    await sleep(PAUSE);
  }
}

async function removeUnnamed(connection: Connection, id: string): Promise<void> {
  await connection.call('removing an image', `DELETE /images/${id}`, undefined, async (docker) => {
    try {
      const image = docker.getImage(id);
      const { RepoTags } = await image.inspect();
      // Its parents are in the list themselves, or were there before.
      if ((RepoTags ?? []).length === 0) await image.remove({ noprune: true });
    } catch (error) {
      if (![404, 409].includes(refusalOf(error)?.status ?? 0)) throw error;
    }
  });
}
