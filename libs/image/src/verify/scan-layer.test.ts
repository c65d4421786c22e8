import { gzipSync } from 'node:zlib';
import { BatonError, sha256 } from '@baton/kernel';
import { MEDIA_TYPES } from '@baton/oci';
import { expect, test } from 'vitest';
import { writeElf } from './elf.fixture.ts';
import { scanLayer } from './scan-layer.ts';
import { layerTar } from './verify.fixture.ts';

async function archive(): Promise<Buffer> {
  const parts: Buffer[] = [];
  const files = {
    'bin/run': writeElf({ needed: ['libc.so.6'] }),
    'bin/script': '#!/bin/sh -e\nx',
    'etc/passwd': 'root:x:0:0\n',
  };
  for await (const chunk of layerTar({ ...files, 'x.node': 'MZ..', 'plain.txt': 'x' })) parts.push(chunk);
  return Buffer.concat(parts);
}

const layer = { mediaType: MEDIA_TYPES.layerGzip, digest: sha256(''), size: 0 };

test('keeps of each file what matters to starting a program', async () => {
  const tar = await archive();
  async function* blob(): AsyncGenerator<Buffer> {
    yield gzipSync(tar);
  }
  const { headers, facts, diffId, uncompressed } = await scanLayer(layer, blob(), 'layer');
  const known = [...facts].map(([position, fact]) => [headers[position]?.path, fact]);
  expect(known).toEqual([
    ['bin/run', { kind: 'elf', elf: expect.objectContaining({ needed: ['libc.so.6'] }) }],
    ['bin/script', { kind: 'script', line: '/bin/sh -e' }],
    ['etc/passwd', { kind: 'text', text: 'root:x:0:0\n' }],
    ['x.node', { kind: 'foreign', format: 'Windows' }],
  ]);
  expect({ diffId, uncompressed }).toEqual({ diffId: sha256(tar), uncompressed: tar.byteLength });
});

test('reads to the last byte, behind the end of what is compressed too, so that all of it is verified', async () => {
  const tar = await archive();
  let isRead = false;
  async function* blob(damage: boolean): AsyncGenerator<Buffer> {
    yield gzipSync(tar);
    for (let i = 0; i < 100; i++) yield Buffer.alloc(65536);
    isRead = true;
    if (damage) throw new BatonError('DIGEST_MISMATCH', 'other bytes');
  }
  await scanLayer(layer, blob(false), 'layer').catch((error: unknown) =>
    expect(error).toMatchObject({ code: 'LAYER_INVALID' }),
  );
  expect(isRead).toBe(true);
  await expect(scanLayer(layer, blob(true), 'layer')).rejects.toMatchObject({ code: 'DIGEST_MISMATCH' });
});

test('of bytes that are damaged and no archive either, that they are damaged is told', async () => {
  async function* blob(): AsyncGenerator<Buffer> {
    yield Buffer.from('no gzip at all');
    throw new BatonError('DIGEST_MISMATCH', 'other bytes');
  }
  await expect(scanLayer(layer, blob(), 'layer')).rejects.toMatchObject({ code: 'DIGEST_MISMATCH' });
});
