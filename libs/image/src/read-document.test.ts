import { sha256 } from '@baton/kernel';
import { connectRegistry, MEDIA_TYPES } from '@baton/oci';
import { startRegistryServer, streamOf, tinyImage } from '@baton/testkit';
import { expect, test } from 'vitest';
import { documentsIn, limitedDocument, readWhole } from './read-document.ts';

async function* pieces(): AsyncGenerator<Uint8Array> {
  yield Buffer.from('a ');
  yield new Uint8Array(Buffer.from('document'));
}

test('a stream is read whole', async () => {
  expect((await readWhole(pieces())).toString()).toBe('a document');
});

test('the one at the top is at hand; others are asked for, each in its own way', async () => {
  const registry = await startRegistryServer();
  const client = connectRegistry(registry.host);
  try {
    const { manifest, mediaType, config } = tinyImage();
    await client.putBlob('acme/app', config, streamOf(config.bytes));
    await client.putBlob('acme/app', tinyImage().layer, streamOf(tinyImage().layer.bytes));
    await client.putManifest('acme/app', '1', manifest, mediaType);
    const top = {
      descriptor: { mediaType: MEDIA_TYPES.index, digest: sha256('top'), size: 3 },
      bytes: Buffer.from('top'),
    };
    const read = documentsIn(client, 'acme/app', top);
    const before = registry.log.length;
    expect(await read(top.descriptor)).toBe(top.bytes);
    expect(registry.log).toHaveLength(before);
    expect(await read({ mediaType, digest: sha256(manifest), size: manifest.byteLength })).toEqual(manifest);
    expect(await read({ mediaType: MEDIA_TYPES.config, digest: config.digest, size: config.size })).toEqual(
      config.bytes,
    );
  } finally {
    client.close();
    await registry.stop();
  }
});

test('a config that claims to be larger than any is refused before a byte is asked for', () => {
  const config = { mediaType: MEDIA_TYPES.config, digest: sha256('config'), size: 5e9 };
  expect(() => limitedDocument(config)).toThrow(/to have at most \d+ bytes, found 5000000000/);
});
