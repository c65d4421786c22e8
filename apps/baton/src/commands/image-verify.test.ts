import { join } from 'node:path';
import { temporaryDirectory, temporaryRepository } from '@baton/testkit';
import { expect, test } from 'vitest';
import { document, runBaton } from '../test-baton.ts';

test('a failed verification prints its report, names the first check and ends with 1', async () => {
  const { dir: cwd } = await temporaryRepository({
    'agent.yaml':
      'version: 1\nname: small\nimage:\n  layers: [{ from: files, to: /app }]\n  entrypoint: [/app/run]\n  platforms: [linux/amd64]\n',
    'files/run': '#!/bin/sh\n',
  });
  const place = { cwd, env: { BATON_CACHE_DIR: temporaryDirectory('cache') } };
  expect((await runBaton(['image', 'build'], place)).code).toBe(0);
  const html = join(temporaryDirectory(), 'v.html');
  const ran = await runBaton(['image', 'verify', '.', '--html', html], place);
  expect(ran.code).toBe(1);
  expect(ran.stdout).toMatch(/^FAILED +linux\/amd64 +e\w+ +/m);
  expect(ran.stdout).toMatch(/^not verified: small \(dist\/image\): \d+ passed, 1 failed$/m);
  expect(ran.stderr).toMatch(/^error VERIFY_FAILED: small \(dist\/image\): linux\/amd64: e\w+: /m);
  const json = document(await runBaton(['image', 'verify', '.', '--json'], place));
  expect(json).toMatchObject({ ok: false, error: { code: 'VERIFY_FAILED' }, result: { verdict: 'failed' } });
});
