import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encodeDocument, parseIndex, parseManifest, parseManifestOrIndex } from './manifest.ts';
import { MEDIA_TYPES } from './media-types.ts';

const digest = (digit: string): `sha256:${string}` => `sha256:${digit.repeat(64)}`;
const config = { mediaType: MEDIA_TYPES.config, digest: digest('c'), size: 2 };
const layer = { mediaType: MEDIA_TYPES.layerGzip, digest: digest('1'), size: 10 };
const manifest = { schemaVersion: 2 as const, mediaType: MEDIA_TYPES.manifest, config, layers: [layer] };
const child = {
  mediaType: MEDIA_TYPES.manifest,
  digest: digest('a'),
  size: 9,
  platform: { os: 'linux', architecture: 'amd64' },
};
const index = { schemaVersion: 2 as const, mediaType: MEDIA_TYPES.index, manifests: [child] };
const json = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));
const invalid = (part: string): unknown =>
  expect.objectContaining({ code: 'IMAGE_INVALID', message: expect.stringContaining(part) as string });

describe('manifests and indexes', () => {
  test('are read back as they were written', () => {
    const full = { ...manifest, artifactType: 'application/x', subject: config, annotations: { b: '1', a: '2' } };
    expect(parseManifest(encodeDocument(full), 'x')).toEqual(full);
    expect(parseIndex(encodeDocument({ ...index, annotations: { a: 'b' } }), 'x')).toEqual({
      ...index,
      annotations: { a: 'b' },
    });
    expect(parseManifestOrIndex(encodeDocument(manifest), 'x')).toEqual({ kind: 'manifest', manifest });
    expect(parseManifestOrIndex(encodeDocument(index), 'x')).toEqual({ kind: 'index', index });
  });

  test('without a mediaType, as older tools write them, are told apart by what is in them', () => {
    const { mediaType: _, ...bareManifest } = manifest;
    const { mediaType: __, ...bareIndex } = index;
    expect(parseManifestOrIndex(json(bareManifest), 'x')).toEqual({ kind: 'manifest', manifest });
    expect(parseManifestOrIndex(json(bareIndex), 'x')).toEqual({ kind: 'index', index });
  });

  test("Docker's schema 2 is taken and keeps its media type", () => {
    const docker = { ...manifest, mediaType: MEDIA_TYPES.dockerManifest };
    expect(parseManifest(json(docker), 'x').mediaType).toBe(MEDIA_TYPES.dockerManifest);
    expect(parseIndex(json({ ...index, mediaType: MEDIA_TYPES.dockerIndex }), 'x').mediaType).toBe(
      MEDIA_TYPES.dockerIndex,
    );
  });

  test.each([
    { schemaVersion: 1, name: 'library/node', tag: 'latest', fsLayers: [{ blobSum: digest('1') }], history: [] },
    { schemaVersion: 2, fsLayers: [] },
    { ...manifest, mediaType: 'application/vnd.docker.distribution.manifest.v1+prettyjws' },
  ])('Docker schema 1 is refused by name', (document) => {
    expect(() => parseManifestOrIndex(json(document), 'node')).toThrow(
      invalid('Docker schema 1 is not supported') as Error,
    );
  });

  test('a document that could be both is refused, whatever it calls itself', () => {
    for (const mediaType of [undefined, MEDIA_TYPES.index, MEDIA_TYPES.manifest]) {
      for (const both of [
        { ...manifest, ...index, mediaType },
        { ...index, config, mediaType },
        { ...index, Layers: [layer], mediaType },
      ]) {
        expect(() => parseManifestOrIndex(json(both), 'x')).toThrow(invalid('members of both') as Error);
      }
    }
  });

  test('one kind where the other is expected is refused', () => {
    expect(() => parseManifest(json(index), 'x')).toThrow(invalid('not an index') as Error);
    expect(() => parseIndex(json(manifest), 'x')).toThrow(invalid('not a manifest') as Error);
  });

  test.each([
    [{ ...manifest, schemaVersion: '2' }, 'at schemaVersion, found "2"'],
    [{ ...manifest, mediaType: 'application/json' }, 'at mediaType, found "application/json"'],
    [{ ...manifest, config: null }, 'at config, found null'],
    [{ ...manifest, config: [config] }, 'at config, found an array of 1'],
    [{ ...manifest, layers: {} }, 'at layers, found an object'],
    [{ ...manifest, layers: [layer, { ...layer, digest: 'x' }] }, 'at layers[1].digest, found "x"'],
    [{ ...manifest, annotations: { a: {} } }, 'at annotations.a, found an object'],
    [{ ...manifest, layers: Array.from({ length: 1001 }, () => layer) }, 'at most 1000 items at layers'],
    [{ ...index, manifests: Array.from({ length: 10_001 }, () => child) }, 'at most 10000 items at manifests'],
    [{ ...index, manifests: undefined }, 'at manifests, found nothing'],
  ])('garbage is refused with its place', (document, place) => {
    expect(() => parseManifestOrIndex(json(document), 'agent')).toThrow(invalid(place) as Error);
  });

  test('whatever stands at one place of a document, it is taken or IMAGE_INVALID', () => {
    const places = [
      'schemaVersion',
      'mediaType',
      'config',
      'layers',
      'manifests',
      'subject',
      'annotations',
      'artifactType',
    ];
    void fc.assert(
      fc.property(
        fc.constantFrom(manifest, index),
        fc.constantFrom(...places),
        fc.jsonValue(),
        (base, place, value) => {
          try {
            const read = parseManifestOrIndex(json({ ...base, [place]: value }), 'x');
            expect(['manifest', 'index']).toContain(read.kind);
          } catch (error) {
            expect(error).toMatchObject({ code: 'IMAGE_INVALID' });
          }
        },
      ),
      { numRuns: 500 },
    );
  });
});

describe('encodeDocument', () => {
  test('sorts keys and adds nothing, so that equal documents are equal bytes', () => {
    expect(encodeDocument({ b: 1, a: { d: 'ä', c: [undefined, 2] }, e: undefined }).toString()).toBe(
      '{"a":{"c":[null,2],"d":"ä"},"b":1}',
    );
    const { config: c, ...rest } = manifest;
    expect(encodeDocument({ ...rest, config: c })).toEqual(encodeDocument(manifest));
  });
});
