import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type NewObject, openObjectStore } from '@baton/git';
import { effect, ensureDir, removeTree } from '@baton/kernel';
import type { ResultContext } from '../model/context.ts';

/** A copy of the result tree that nobody else uses. */
export interface PrivateCheckout {
  dir: string;
  /** Empty directories for programs that want a home and a place for temporary files. */
  home: string;
  temporary: string;
}

/**
 * Gives `work` the result tree as files in a directory of its own, without `.git` and without anything of this machine; it is
 * removed afterwards. Nothing is written to the user's repository.
 */
export async function withPrivateCheckout<T>(
  context: ResultContext,
  work: (checkout: PrivateCheckout) => Promise<T>,
): Promise<T> {
  const store = await openObjectStore(context.repository);
  try {
    const root = store.treeObjects(context.output);
    const objects = new Map<string, NewObject>();
    for (const object of [...context.objects, ...root.objects]) objects.set(object.id, object);
    return await store.withPrivateObjects([...objects.values()], async (privately) => {
      const top = join(tmpdir(), 'baton-checkout-');
      const place = await effect('mkdir', `${top}*`, () => mkdtemp(top));
      try {
        const checkout = { dir: join(place, 'tree'), home: join(place, 'home'), temporary: join(place, 'tmp') };
        for (const directory of Object.values(checkout)) await ensureDir(directory);
        await privately.checkOut(root.id, checkout.dir);
        return await work(checkout);
      } finally {
        await removeTree(place);
      }
    });
  } finally {
    await store.close();
  }
}
