import { expect, test } from 'vitest';
import { isIndexType, isManifestType, isMediaType, layerCompression, MEDIA_TYPES } from './media-types.ts';

test('each type is well formed, and is at most one of index, manifest and layer', () => {
  for (const type of Object.values(MEDIA_TYPES)) {
    expect(isMediaType(type)).toBe(true);
    const kinds = [isIndexType(type), isManifestType(type), layerCompression(type) !== undefined];
    expect(kinds.filter(Boolean).length).toBeLessThanOrEqual(1);
  }
});

test('layers of both families are told by their compression', () => {
  expect(layerCompression(MEDIA_TYPES.layerTar)).toBe('none');
  expect(layerCompression(MEDIA_TYPES.layerGzip)).toBe('gzip');
  expect(layerCompression(MEDIA_TYPES.dockerLayerGzip)).toBe('gzip');
  expect(layerCompression(MEDIA_TYPES.layerZstd)).toBe('zstd');
  expect(layerCompression('application/vnd.docker.image.rootfs.foreign.diff.tar.gzip')).toBe('gzip');
  expect(layerCompression(MEDIA_TYPES.emptyJson)).toBeUndefined();
  expect(layerCompression('application/vnd.in-toto+json')).toBeUndefined();
});

test('text that is no media type is told', () => {
  for (const text of ['', 'json', 'a/', '/b', 'a/b/c', 'a/b; c=d', 'a b/c', '.a/b', `a/${'b'.repeat(128)}`, 'a/b\n']) {
    expect(isMediaType(text)).toBe(false);
  }
});
