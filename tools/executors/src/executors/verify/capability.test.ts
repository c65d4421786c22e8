import { silent } from '@baton/kernel';
import { loadManifest } from '@baton/manifest';
import { temporaryDirectory, writeFiles } from '@baton/testkit';
import { expect, test } from 'vitest';
import { verifyCapability } from './capability.ts';

async function task(dryRun: boolean) {
  const dir = temporaryDirectory();
  await writeFiles(dir, { 'agent.yaml': 'version: 1\nname: small\nimage: { repository: registry.example/small }\n' });
  const io = { emit: silent, cacheDir: temporaryDirectory('cache'), env: {} };
  return { name: 'small', target: (name: string) => `small:${name}`, project: await loadManifest(dir), io, dryRun };
}

test('verifies what was published, and says so when nothing was', async () => {
  const options = verifyCapability.options.safeParse({});
  if (!options.success) throw new Error('the defaults are valid');
  await expect(verifyCapability.run(options.data, await task(false))).rejects.toMatchObject({
    code: 'EVIDENCE_MISSING',
    message: expect.stringContaining('small was not published from here'),
  });
  expect(await verifyCapability.run(options.data, await task(true))).toContain('there is nothing to verify');
});

test('has the options of the command but those that name an image', () => {
  expect(verifyCapability.options.safeParse({ run: 'never', html: 'v.html', platform: 'linux/amd64' }).success).toBe(
    true,
  );
  expect(verifyCapability.options.safeParse({ image: 'x' }).success).toBe(false);
});
