// One forbid scan in a process of its own, for the bench: scan-run.ts REPOSITORY CACHE WORD. Without a word only the tree is read,
// which a plan has done anyway. Prints what it found.

import { type ResultContext, runScans } from '@baton/cutover';
import { openObjectStore } from '@baton/git';
import { silent } from '@baton/kernel';

const [, , dir = '', cacheDir = '', word = ''] = process.argv;

const store = await openObjectStore(dir);
const tree = await store.readTree('main');
const context: ResultContext = {
  repository: dir,
  input: tree,
  output: tree,
  objects: [],
  destinationOf: (path) => path,
  sourceOf: (path) => path,
  readBlob: (id) => store.readBlob(id),
  readBlobs: (ids) => store.readBlobs(ids),
  cacheDir,
  signal: undefined,
  emit: silent,
};
const [result] = await runScans(context, word === '' ? [] : [{ forbid: { pattern: word } }]);
await store.close();
const { findings = [], blobs = 0, cached = 0 } = result ?? {};
process.stdout.write(`${JSON.stringify({ findings: findings.length, blobs, cached })}\n`);
