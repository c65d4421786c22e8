import { sha256 } from '@baton/kernel';
import { fixedCredentials, streamOf } from '@baton/testkit';
import fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';
import { connectRegistry } from './registry-client.ts';
import { blobUrl, manifestUrl, pullScope, pushScope, shown, tagsUrl, uploadUrl } from './registry-path.ts';

const base = new URL('https://r.example.com/');
const digest = sha256('x');

test('paths of the distribution specification', () => {
  expect(manifestUrl(base, 'acme/app', 'v1').href).toBe('https://r.example.com/v2/acme/app/manifests/v1');
  expect(manifestUrl(base, 'a', digest).href).toBe(`https://r.example.com/v2/a/manifests/${digest}`);
  expect(blobUrl(base, 'a/b/c', digest).href).toBe(`https://r.example.com/v2/a/b/c/blobs/${digest}`);
  expect(tagsUrl(base, 'a').href).toBe('https://r.example.com/v2/a/tags/list');
  expect(uploadUrl(base, 'a').href).toBe('https://r.example.com/v2/a/blobs/uploads/');
  expect(uploadUrl(base, 'a', { digest, from: 'b/c' }).href).toBe(
    `https://r.example.com/v2/a/blobs/uploads/?mount=${digest}&from=b%2Fc`,
  );
});

test('scopes and names for people', () => {
  expect(pullScope('a/b')).toBe('repository:a/b:pull');
  expect(pushScope('a/b')).toBe('repository:a/b:pull,push');
  expect(shown('a/b', 'v1')).toBe('a/b:v1');
  expect(shown('a/b', digest)).toBe(`a/b@${digest}`);
});

test('no name and no reference leaves its place in the path', () => {
  const hostile = fc.string({ unit: fc.constantFrom(...'ab1/.-_:%2e?#@ \\A'.split('')), maxLength: 12 });
  fc.assert(
    fc.property(hostile, hostile, (repository, reference) => {
      let url: URL;
      try {
        url = manifestUrl(base, repository, reference);
      } catch (error) {
        expect(error).toMatchObject({ code: 'INVALID_REFERENCE' });
        return;
      }
      expect(url.href).toBe(`https://r.example.com/v2/${repository}/manifests/${reference}`);
    }),
    { numRuns: 2000 },
  );
});

test.each([
  '',
  'https://ghcr.io',
  'ghcr.io/acme',
  'a b',
  'user@host',
  'host:',
  'host:123456',
  '-x',
  '[::1',
  'a/../b',
])('"%s" is not a host', (host) => {
  expect(() => connectRegistry(host)).toThrow(/is not the host of a registry/);
});

test.each([
  '../x',
  'A/b',
  'a//b',
  'a/b?x=1',
  '',
  'a/',
  'a b',
  'a/%2e%2e/b',
])('"%s" is no repository', async (repository) => {
  const client = connectRegistry('127.0.0.1:9', { credentials: fixedCredentials() });
  onTestFinished(() => client.close());
  const blob = { digest: sha256(''), size: 0 };
  const calls = [
    client.headManifest(repository, 'v1'),
    client.headBlob(repository, blob.digest),
    client.listTags(repository),
    client.putBlob(repository, blob, streamOf(Buffer.alloc(0))),
    client.putBlob('a/b', blob, streamOf(Buffer.alloc(0)), { mountFrom: `${repository}!` }),
  ];
  for (const call of calls) await expect(call).rejects.toMatchObject({ code: 'INVALID_REFERENCE' });
});

test.each(['a/b', '../v1', '', 'x'.repeat(129), 'sha256:abc', '-v1'])('"%s" is no tag', async (tag) => {
  const client = connectRegistry('127.0.0.1:9', { credentials: fixedCredentials() });
  onTestFinished(() => client.close());
  await expect(client.headManifest('a/b', tag)).rejects.toMatchObject({ code: 'INVALID_REFERENCE' });
});
