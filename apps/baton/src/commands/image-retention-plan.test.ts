import { startRegistryServer, temporaryDirectory, tinyImage } from '@baton/testkit';
import { expect, test } from 'vitest';
import { document, runBaton } from '../test-baton.ts';

test('the command answers in text and JSON, and only asks', async () => {
  const registry = await startRegistryServer();
  try {
    for (const version of ['1.0.0', '1.0.1', '2.0.0']) {
      const { manifest, mediaType } = tinyImage(version);
      await registry.store.putManifest('acme/agent', version, manifest, mediaType);
    }
    const repository = `${registry.host}/acme/agent`;
    const baton = (...more: string[]) => {
      const env = { DOCKER_CONFIG: temporaryDirectory('docker') };
      return runBaton(['image', 'retention', 'plan', repository, '--date', '2026-11-20', ...more], { env });
    };
    const text = await baton('--keep-last', '1');
    expect(text.code).toBe(0);
    expect(text.stdout).toMatch(/^line 1\.0\n {2}1\.0\.1 {2}stays .*\n {2}1\.0\.0 {2}could go {2}sha256:/m);
    expect(text.stdout).toContain('what could go: 1 tag, 1 image, ');
    expect(document(await baton('--keep-last', '1', '--json'))).toMatchObject({
      ok: true,
      result: { repository, date: '2026-11-20', couldGo: { tags: 1, images: 1 } },
    });
    expect(document(await baton('--keep-last', '0', '--json'))).toMatchObject({ ok: false, error: { code: 'USAGE' } });
    expect(document(await baton('--json'))).toMatchObject({ ok: false, error: { code: 'USAGE' } });
    expect(registry.log.filter(({ method }) => method !== 'GET' && method !== 'HEAD')).toEqual([]);
  } finally {
    await registry.stop();
  }
});
