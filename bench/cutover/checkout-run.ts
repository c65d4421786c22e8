// One carry of a checkout in a process of its own, for the bench: checkout-run.ts there|back DIR FROM TO.
import { carryCheckout, entryAt, openObjectStore } from '@baton/git';

const [, , way = '', dir = '', from = '', to = ''] = process.argv;
const store = await openObjectStore(dir);
const [before, after] = [await store.readTree(from), await store.readTree(to)];
const nested = entryAt(way === 'there' ? before : after, 'agent/go');
if (nested?.kind !== 'tree') throw new Error('no agent/go');
const renames = [...nested.entries.keys()].map((name) => {
  const [deep, high] = [`agent/go/${name}`, `agent/${name}`];
  return way === 'there' ? { from: deep, to: high } : { from: high, to: deep };
});
const branch = 'refs/heads/main';
await carryCheckout({
  dir,
  from,
  to,
  trees: [before, after],
  renames,
  branch,
  moveRef: () => store.updateRef({ ref: branch, to, from, reason: 'bench', committer: 'Bench <bench@example.com>' }),
});
await store.close();
