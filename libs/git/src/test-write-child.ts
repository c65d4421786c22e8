// A child for kill proofs: writes a commit to the bare repository named by its argument, and moves main from its parent to it.
import { hashObject } from './hash-object.ts';
import { openObjectStore } from './open-object-store.ts';
import { leaf, withEntry } from './trees.ts';

const [, , dir = '', base = ''] = process.argv;
const store = await openObjectStore(dir);
const blob = hashObject(store.format, 'blob', Buffer.alloc(100_000, 'new text\n'));
const made = store.treeObjects(withEntry(await store.readTree(base), 'new/file', leaf('100755', blob.id)));
const who = 'A <a@example.com> 1700000000 +0000';
const commit = store.commitObject({ tree: made.id, parents: [base], author: who, committer: who, message: 'cut' });
const objects = [blob, ...made.objects, commit];
await store.withPrivateObjects(objects, async (inner) => void (await inner.readTree(commit.id)));
if ((await store.readRef('refs/heads/main')) !== commit.id) {
  await store.writeObjects(objects);
  await store.updateRef({ ref: 'refs/heads/main', to: commit.id, from: base, reason: 'cut', committer: who });
}
await store.close();
process.stdout.write(commit.id);
