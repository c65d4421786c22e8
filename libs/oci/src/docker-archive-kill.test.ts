import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { killMatrix, runNode, temporaryDirectory } from '@baton/testkit';
import { expect, test } from 'vitest';
import { openStore } from './content-store.ts';

const from = (name: string): string => JSON.stringify(new URL(name, import.meta.url).href);
const SCRIPT = `
import { createHash } from 'node:crypto';
import { openStore } from ${from('./content-store.ts')};
import { readDockerArchive } from ${from('./docker-archive-read.ts')};
import { writeDockerArchive } from ${from('./docker-archive-write.ts')};
const store = openStore(process.argv[2]);
await store.sweep();
const tars = ['one', 'two'].map((text) => Buffer.from(text.repeat(1000)));
const diff_ids = tars.map((tar) => 'sha256:' + createHash('sha256').update(tar).digest('hex'));
const config = Buffer.from(JSON.stringify({ os: 'linux', architecture: 'amd64', rootfs: { type: 'layers', diff_ids } }));
const layers = tars.map((tar) => ({ size: tar.byteLength, async *open() { yield tar; } }));
const archive = writeDockerArchive([{ config, layers, tags: [] }]);
const [image] = await readDockerArchive(archive, store, { compression: { algorithm: 'gzip' } });
process.stdout.write(image.manifest.descriptor.digest);
`;

test('killed at any effect, nothing broken is in the store; a second run finishes it and leaves nothing else', async () => {
  const points = await killMatrix(
    async () => {
      const dir = temporaryDirectory('kill');
      const script = join(dir, 'child.mjs');
      writeFileSync(script, SCRIPT);
      const root = join(dir, 'store');
      return { root, command: { script, args: [root] } };
    },
    async ({ root, command }) => {
      const store = openStore(root);
      for (const digest of await store.list()) await store.read(digest, 1_000_000);
      const again = await runNode(command.script, command.args);
      expect(again.stderr.toString()).toBe('');
      const blobs = await store.list();
      expect(blobs).toHaveLength(4);
      expect(blobs).toContain(again.stdout.toString());
      expect(readdirSync(root)).toEqual(['blobs']);
      expect(readdirSync(join(root, 'blobs', 'sha256'))).toHaveLength(4);
    },
  );
  expect(points.length).toBeGreaterThan(20);
}, 240_000);
