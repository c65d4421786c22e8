import { silent } from '@baton/kernel';
import { loadManifest } from '@baton/manifest';
import { temporaryDirectory, writeFiles } from '@baton/testkit';
import { expect, test } from 'vitest';
import { parityCapability } from './capability.ts';

async function task(dryRun: boolean) {
  const dir = temporaryDirectory();
  await writeFiles(dir, {
    'parity/scenarios/suite.yaml': 'apiVersion: parity/v1\n',
    'agent.yaml': 'version: 1\nname: small\nparity: { new: { command: [./agent] } }\n',
  });
  const io = { emit: silent, cacheDir: temporaryDirectory('cache'), env: {} };
  return { name: 'small', target: (name: string) => `small:${name}`, project: await loadManifest(dir), io, dryRun };
}

function chosen(options: object) {
  const read = parityCapability.options.safeParse(options);
  if (!read.success) throw new Error(JSON.stringify(read.error.issues));
  return read.data;
}

test('refuses a run of nothing, and does nothing in a dry run', async () => {
  await expect(parityCapability.run(chosen({}), await task(false))).rejects.toMatchObject({ code: 'PARITY_EMPTY' });
  expect(await parityCapability.run(chosen({}), await task(true))).toContain('a dry run does neither');
});

test('has the options of the command but the project', () => {
  const options = { only: ['stream/'], tag: ['slow'], shard: '1/4', concurrency: 4, noise: 'new', cache: false };
  expect(chosen(options)).toMatchObject(options);
  expect(parityCapability.options.safeParse({ path: 'x' }).success).toBe(false);
});
