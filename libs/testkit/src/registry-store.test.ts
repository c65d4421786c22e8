import { sha256 } from '@baton/kernel';
import { expect, test } from 'vitest';
import { memoryFiles } from './registry-files.ts';
import { collect, tinyImage } from './registry-helpers.ts';
import { openRegistryStore } from './registry-store.ts';

test('uploads become blobs when their digest is right', async () => {
  const store = openRegistryStore(memoryFiles());
  const session = store.beginUpload('a/b');
  await store.append('a/b', session, Buffer.from('hel'));
  await store.append('a/b', session, Buffer.from('lo'));
  expect(store.uploadSize('a/b', session)).toBe(5);
  expect(store.uploadSize('other', session)).toBe(undefined);
  expect(await store.finishUpload('a/b', session, sha256('hello'))).toBe(sha256('hello'));
  expect(store.uploadSize('a/b', session)).toBe(undefined);
  expect(await store.blobSize('a/b', sha256('hello'))).toBe(5);
  expect((await collect(store.streamBlob(sha256('hello'), 0))).toString()).toBe('hello');
  const wrong = store.beginUpload('a/b');
  await store.append('a/b', wrong, Buffer.from('x'));
  expect(await store.finishUpload('a/b', wrong, sha256('y'))).toBe(undefined);
  expect(await store.blobSize('a/b', sha256('x'))).toBe(undefined);
});

test('blobs belong to repositories until they are linked to another', async () => {
  const store = openRegistryStore(memoryFiles());
  const digest = await store.addBlob('one', Buffer.from('x'));
  expect(await store.blobSize('two', digest)).toBe(undefined);
  await store.linkBlob('two', digest);
  expect(await store.blobSize('two', digest)).toBe(1);
  await store.removeBlob('one', digest);
  expect(await store.blobSize('one', digest)).toBe(undefined);
  expect(await store.blobSize('two', digest)).toBe(1);
});

test('manifests by tag and digest; a removed tag leaves the manifest', async () => {
  const store = openRegistryStore(memoryFiles());
  const { manifest, digest, mediaType } = tinyImage();
  await store.putManifest('a/b', 'v1', manifest, mediaType);
  const stored = { digest, mediaType, bytes: manifest };
  expect(await store.manifest('a/b', 'v1')).toEqual(stored);
  expect(await store.manifest('a/b', digest)).toEqual(stored);
  expect(await store.manifest('a/c', 'v1')).toBe(undefined);
  expect(await store.tags('a/b')).toEqual(['v1']);
  expect(await store.repositories()).toEqual(['a/b']);
  await store.removeManifest('a/b', 'v1');
  expect(await store.manifest('a/b', 'v1')).toBe(undefined);
  expect(await store.manifest('a/b', digest)).toEqual(stored);
});

test('sessions are forgotten one by one or all at once', () => {
  const store = openRegistryStore(memoryFiles());
  const sessions = [store.beginUpload('x'), store.beginUpload('x'), store.beginUpload('x')];
  store.dropUploads(sessions[0]);
  expect(sessions.map((session) => store.uploadSize('x', session))).toEqual([undefined, 0, 0]);
  store.dropUploads();
  expect(sessions.map((session) => store.uploadSize('x', session))).toEqual([undefined, undefined, undefined]);
});
