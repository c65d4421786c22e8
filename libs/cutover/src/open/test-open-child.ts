import { openObjectStore } from '@baton/git';
import { silent } from '@baton/kernel';
import { loadCutover } from '../manifest/load-cutover.ts';
import { cutoverOpenOptions } from '../options.ts';
import { openCutover } from './open-cutover.ts';

// What `baton cutover open` does, for tests that kill it: <repository> <manifest> <cache>
const [dir = '', manifest = '', cacheDir = ''] = process.argv.slice(2);
const store = await openObjectStore(dir);
const cutover = await loadCutover(manifest);
const opened = await openCutover(
  { store, cutover },
  cutoverOpenOptions.parse({}),
  { emit: silent, cacheDir, env: { GITHUB_TOKEN: 'writer-token' } },
  { second: 1, spaced: false },
);
await store.close();
process.stdout.write(`${opened.state} ${opened.commit} ${opened.pullRequest?.number}\n`);
