import { truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { isShortProof, runNode, temporaryDirectory, writeFiles } from '@baton/testkit';
import { expect, test } from 'vitest';

test('a sparse file of 10 GB is hashed in constant memory, and tells how far it is', async () => {
  const dir = temporaryDirectory();
  await writeFiles(dir, { 'src/sparse': '' });
  const gigabytes = isShortProof() ? 2 : 10;
  await truncate(join(dir, 'src/sparse'), gigabytes * 1e9);
  const result = await runNode(new URL('./files-tar.fixture.ts', import.meta.url), [], { cwd: dir, timeout: 600_000 });
  const { key, events, grown } = JSON.parse(result.stdout.toString()) as { key: string; events: number; grown: number };
  expect(key).toMatch(/^sha256:/);
  expect(events).toBeGreaterThan(gigabytes * 10);
  expect(grown).toBeLessThan(40_000);
}, 900_000);
