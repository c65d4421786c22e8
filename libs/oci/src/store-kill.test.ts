import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sha256 } from '@baton/kernel';
import { killMatrix, runNode, temporaryDirectory } from '@baton/testkit';
import { expect, test } from 'vitest';
import { openStore } from './content-store.ts';
import { openLayout } from './layout.ts';
import { MEDIA_TYPES } from './media-types.ts';

const BLOB = 'x'.repeat(100_000);
const SCRIPT = `
import { openStore } from ${JSON.stringify(new URL('./content-store.ts', import.meta.url).href)};
import { writeLayoutIndex } from ${JSON.stringify(new URL('./layout.ts', import.meta.url).href)};
const [cache, layout] = process.argv.slice(2);
const store = openStore(cache);
async function* bytes() { yield Buffer.from('x'.repeat(100_000)); }
const blob = await store.ingest(bytes());
const image = openStore(layout);
await image.sweep();
await store.sweep();
await store.copyTo(blob.digest, image);
const descriptor = { mediaType: ${JSON.stringify(MEDIA_TYPES.manifest)}, ...blob };
await writeLayoutIndex(layout, [descriptor]);
`;

test('killed at any effect, the image is there whole or not at all, and a second run finishes it', async () => {
  const points = await killMatrix(
    async () => {
      const dir = temporaryDirectory('kill');
      const script = join(dir, 'child.mjs');
      writeFileSync(script, SCRIPT);
      const [cache, layout] = [join(dir, 'cache'), join(dir, 'image')];
      return { cache, layout, command: { script, args: [cache, layout] } };
    },
    async ({ cache, layout, command }) => {
      const whole = async (): Promise<string> => {
        const opened = await openLayout(layout);
        const [descriptor] = opened.index.manifests;
        if (descriptor === undefined) throw new Error('the index names no image');
        return (await opened.blobs.read(descriptor.digest, BLOB.length)).toString();
      };
      // Every blob that has its name has its bytes, whatever was going on.
      for (const digest of await openStore(cache).list()) await openStore(cache).read(digest, BLOB.length);
      const left = await whole().catch((error: unknown) => error);
      if (left !== BLOB) expect(left).toMatchObject({ code: 'IMAGE_NOT_BUILT' });

      const again = await runNode(command.script, command.args);
      expect(again.stderr.toString()).toBe('');
      expect(await whole()).toBe(BLOB);
      for (const store of [cache, layout]) {
        expect(readdirSync(join(store, 'blobs', 'sha256'))).toEqual([sha256(BLOB).slice('sha256:'.length)]);
      }
    },
  );
  expect(points.length).toBeGreaterThan(15);
}, 240_000);
