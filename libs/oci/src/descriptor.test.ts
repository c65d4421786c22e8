import { sha256 } from '@baton/kernel';
import { describe, expect, test } from 'vitest';
import { readDescriptor } from './descriptor.ts';

const DIGEST = `sha256:${'1'.repeat(64)}`;
const plain = { mediaType: 'application/vnd.oci.image.manifest.v1+json', digest: DIGEST, size: 7 };
const read = (value: unknown): unknown => readDescriptor({ value, where: 'index', path: 'manifests[0]' });

describe('readDescriptor', () => {
  test('takes the required members, and passes over those it does not know', () => {
    expect(read({ ...plain, 'com.example.new': { a: 1 } })).toEqual(plain);
  });

  test('takes every optional member', () => {
    const full = {
      ...plain,
      platform: {
        os: 'windows',
        architecture: 'amd64',
        variant: 'v1',
        'os.version': '10.0',
        'os.features': ['win32k'],
      },
      annotations: { a: '' },
      artifactType: 'application/x',
      urls: ['https://example.com/blob'],
    };
    expect(read(full)).toEqual(full);
  });

  test('null and empty members, as Docker writes them, are left out', () => {
    const platform = { os: 'linux', architecture: 'amd64', variant: '', 'os.version': '', 'os.features': null };
    expect(read({ ...plain, annotations: null, urls: null, platform })).toEqual({
      ...plain,
      platform: { os: 'linux', architecture: 'amd64' },
    });
  });

  test('platforms that Baton does not know are kept: attestations have "unknown/unknown"', () => {
    const platform = { os: 'unknown', architecture: 'unknown' };
    expect(read({ ...plain, platform })).toEqual({ ...plain, platform });
  });

  test.each([
    [{ ...plain, mediaType: undefined }, 'manifests[0].mediaType'],
    [{ ...plain, digest: 'sha256:1' }, 'manifests[0].digest'],
    [{ ...plain, size: -1 }, 'manifests[0].size'],
    [{ ...plain, size: '7' }, 'manifests[0].size'],
    [{ ...plain, platform: 'linux' }, 'manifests[0].platform'],
    [{ ...plain, platform: { os: 'linux' } }, 'manifests[0].platform.architecture'],
    [
      { ...plain, platform: { os: 'linux', architecture: 'arm', 'os.features': [1] } },
      'manifests[0].platform["os.features"][0]',
    ],
    [{ ...plain, annotations: { a: 1 } }, 'manifests[0].annotations.a'],
    [{ ...plain, urls: 'x' }, 'manifests[0].urls'],
    [{ ...plain, artifactType: 'x' }, 'manifests[0].artifactType'],
    ['x', 'manifests[0]'],
  ])('refuses %j at %s', (value, path) => {
    expect(() => read(value)).toThrow(
      expect.objectContaining({
        code: 'IMAGE_INVALID',
        message: expect.stringContaining(` at ${path}, found `) as string,
      }),
    );
  });

  test('embedded data must be the bytes that digest and size promise', () => {
    const bytes = Buffer.from('{}');
    const good = { ...plain, digest: sha256(bytes), size: 2, data: bytes.toString('base64') };
    expect(read(good)).toEqual(good);
    for (const data of ['e30', 'e31=', '!!!!', 'e30=\n', '']) {
      expect(() => read({ ...good, data })).toThrow(expect.objectContaining({ code: 'IMAGE_INVALID' }));
    }
    expect(() => read({ ...good, size: 3 })).toThrow(expect.objectContaining({ code: 'IMAGE_INVALID' }));
  });
});
