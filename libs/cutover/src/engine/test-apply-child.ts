import { openObjectStore } from '@baton/git';
import { loadCutover } from '../manifest/load-cutover.ts';
import { applyCutover } from './apply-cutover.ts';
import { planCutover } from './plan-cutover.ts';

// What `baton cutover apply` does, for tests that kill it: <repository> <manifest> [checkout]
const [dir = '', manifest = '', mode] = process.argv.slice(2);
const store = await openObjectStore(dir);
const cutover = await loadCutover(manifest);
const plan = await planCutover({ store, cutover, base: 'HEAD' });
const applied = await applyCutover(plan, { store, cutover, checkout: mode === 'checkout' ? dir : undefined });
await store.close();
process.stdout.write(`${applied.state} ${applied.commit}\n`);
