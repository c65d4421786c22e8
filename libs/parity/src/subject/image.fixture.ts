import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  buildLayer,
  type Descriptor,
  encodeDocument,
  MEDIA_TYPES,
  openStore,
  type RuntimeConfig,
  type TarEntry,
  writeLayoutIndex,
  writeTar,
} from '@baton/oci';
import { findProgram, temporaryDirectory } from '@baton/testkit';
import { machinePlatform } from './unpack-image.ts';

const entry = (path: string, more: Partial<TarEntry>): TarEntry => ({
  path,
  type: 'file',
  mode: 0o644,
  uid: 0,
  gid: 0,
  mtime: 1_700_000_000,
  size: more.content instanceof Uint8Array ? more.content.byteLength : 0,
  ...more,
});

/** A file of an image. */
export function imageFile(path: string, text: string | Buffer, mode = 0o644): TarEntry {
  return entry(path, { content: Buffer.from(text), mode });
}

/** Something else in an image. */
export function imageEntry(path: string, type: TarEntry['type'], linkTarget?: string): TarEntry {
  return entry(path, {
    type,
    mode: type === 'directory' ? 0o755 : 0o777,
    ...(linkTarget !== undefined && { linkTarget }),
  });
}

/** A layout with an image for this machine and one for another: busybox, and an agent that is a shell script. */
export async function testLayout(script: string, more: TarEntry[] = [], config: RuntimeConfig = {}): Promise<string> {
  const directory = temporaryDirectory('layout');
  const store = openStore(directory);
  const busybox = readFileSync(findProgram('busybox') ?? '');
  const links = ['sh', 'cat', 'rm', 'ls', 'mkdir', 'chmod', 'touch', 'mv', 'pwd', 'grep', 'sleep'];
  const lower = [
    imageFile('bin/busybox', busybox, 0o755),
    ...links.map((name) => imageEntry(`bin/${name}`, 'symlink', 'busybox')),
    imageFile('opt/gone', 'hidden by the upper layer'),
  ];
  const upper = [imageFile('agent', `#!/bin/sh\n${script}\n`, 0o755), imageFile('opt/.wh.gone', ''), ...more];
  const layers = [];
  for (const entries of [lower, upper])
    layers.push(await buildLayer(writeTar(entries), { algorithm: 'gzip', level: 1 }, store));
  const runtime: RuntimeConfig = { Entrypoint: ['/agent', 'first'], Cmd: ['left out'], Env: ['IMAGE=1'], ...config };
  const { os, architecture } = machinePlatform();
  const rootfs = { type: 'layers', diff_ids: layers.map(({ diffId }) => diffId) };
  const put = async (mediaType: string, document: object): Promise<Descriptor> => ({
    mediaType,
    ...(await store.add(encodeDocument(document))),
  });
  const made = await put(MEDIA_TYPES.config, { os, architecture, config: runtime, rootfs });
  const manifest = await put(MEDIA_TYPES.manifest, {
    schemaVersion: 2,
    mediaType: MEDIA_TYPES.manifest,
    config: made,
    layers: layers.map(({ mediaType, digest, size }) => ({ mediaType, digest, size })),
  });
  const manifests = [
    { ...manifest, platform: { os: 'linux', architecture: 'riscv64' } },
    { ...manifest, platform: { os, architecture } },
  ];
  const index = await put(MEDIA_TYPES.index, { schemaVersion: 2, mediaType: MEDIA_TYPES.index, manifests });
  await writeLayoutIndex(join(directory), [index]);
  return directory;
}
