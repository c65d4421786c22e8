import { type Digest, sha256 } from '@baton/kernel';
import { type Descriptor, MEDIA_TYPES, parsePlatform } from '@baton/oci';
import { describe, expect, test } from 'vitest';
import { makeImage, makeIndex, noPieces, type Pieces } from './base-image.fixture.ts';
import { type BaseDocuments, baseImages } from './base-images.ts';

const platforms = (...names: string[]) => names.map(parsePlatform);

function documents(pieces: Pieces): BaseDocuments & { read: Digest[] } {
  const read: Digest[] = [];
  const take = async (digest: Digest, bytes: Buffer | undefined): Promise<Buffer> => {
    read.push(digest);
    if (bytes === undefined) throw new Error(`${digest} is not there`);
    return bytes;
  };
  return {
    name: 'base',
    read,
    document: ({ digest }) => take(digest, pieces.documents.get(digest)?.bytes),
    config: ({ digest }) => take(digest, pieces.blobs.get(digest)),
  };
}

describe('the images of a base', () => {
  test('are found below an index, reading only those that are asked for', async () => {
    const pieces = noPieces();
    const amd64 = makeImage(pieces, 'linux/amd64');
    const arm64 = makeImage(pieces, 'linux/arm64/v8', { says: 'linux/arm64' });
    const attestation: Descriptor = {
      ...makeImage(pieces, 'linux/s390x'),
      platform: { os: 'unknown', architecture: 'unknown' },
    };
    const index = makeIndex(pieces, [amd64, arm64, attestation]);
    const from = documents(pieces);
    const found = await baseImages([index], platforms('linux/arm64'), from);
    expect([...found.keys()]).toEqual(['linux/arm64']);
    expect(found.get('linux/arm64')).toMatchObject({
      descriptor: arm64,
      config: { architecture: 'arm64', config: { Env: ['PATH=/usr/bin'] } },
    });
    expect(sha256(found.get('linux/arm64')?.configBytes ?? '')).toBe(found.get('linux/arm64')?.manifest.config.digest);
    expect(from.read).toHaveLength(3);
    expect(from.read).not.toContain(amd64.digest);
    expect([...(await baseImages([index], platforms('linux/amd64', 'linux/arm64'), from)).keys()]).toEqual([
      'linux/amd64',
      'linux/arm64',
    ]);
  });

  test('are found in an index in an index, and for a manifest that names no platform', async () => {
    const pieces = noPieces();
    const inner = makeIndex(pieces, [makeImage(pieces, 'linux/amd64')], MEDIA_TYPES.dockerIndex);
    const bare = makeImage(pieces, 'linux/arm/v7', { named: false });
    const found = await baseImages(
      [makeIndex(pieces, [inner]), bare],
      platforms('linux/amd64', 'linux/arm'),
      documents(pieces),
    );
    expect([...found.values()].map((image) => image.config.architecture)).toEqual(['amd64', 'arm']);
  });

  test('a platform that is not there is PLATFORM_MISSING and says what is', async () => {
    const pieces = noPieces();
    const index = makeIndex(pieces, [makeImage(pieces, 'linux/amd64'), makeImage(pieces, 'linux/arm/v7')]);
    await expect(baseImages([index], platforms('linux/arm64'), documents(pieces))).rejects.toMatchObject({
      code: 'PLATFORM_MISSING',
      message: 'base has no image for linux/arm64',
      hint: expect.stringContaining('linux/amd64, linux/arm/v7'),
    });
    await expect(baseImages([], platforms('linux/arm64'), documents(pieces))).rejects.toMatchObject({
      code: 'PLATFORM_MISSING',
      hint: 'It holds no image at all.',
    });
  });

  test('two different images for one platform are refused, the same one twice is not', async () => {
    const pieces = noPieces();
    const one = makeImage(pieces, 'linux/amd64');
    const two = makeImage(pieces, 'linux/amd64', { text: 'other' });
    expect((await baseImages([one, one], platforms('linux/amd64'), documents(pieces))).size).toBe(1);
    await expect(baseImages([one, two], platforms('linux/amd64'), documents(pieces))).rejects.toMatchObject({
      code: 'IMAGE_INVALID',
      message: 'base has 2 images for linux/amd64, expected one',
    });
  });

  test('documents that contradict each other are IMAGE_INVALID', async () => {
    const pieces = noPieces();
    const cases: [Descriptor, RegExp][] = [
      [
        makeImage(pieces, 'linux/amd64', { says: 'linux/arm64' }),
        /listed for linux\/amd64, but its config says linux\/arm64$/,
      ],
      [makeImage(pieces, 'linux/amd64', { diffIds: 2 }), /the manifest has 1 layers, the config has 2$/],
    ];
    for (const [top, message] of cases) {
      await expect(baseImages([top], platforms('linux/amd64'), documents(pieces))).rejects.toMatchObject({
        code: 'IMAGE_INVALID',
        message: expect.stringMatching(message),
      });
    }
  });

  test('an index that is too deep is IMAGE_INVALID', async () => {
    const pieces = noPieces();
    let top = makeImage(pieces, 'linux/amd64');
    for (let depth = 0; depth < 5; depth++) top = makeIndex(pieces, [top]);
    await expect(baseImages([top], platforms('linux/amd64'), documents(pieces))).rejects.toMatchObject({
      code: 'IMAGE_INVALID',
    });
  });
});
