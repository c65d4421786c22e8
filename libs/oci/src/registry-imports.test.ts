import { join } from 'node:path';
import { runProcess, toolEnv } from '@baton/kernel';
import { startRegistryServer } from '@baton/testkit';
import { expect, onTestFinished, test } from 'vitest';

test('a plain push needs no more requests and modules than it always did', async () => {
  const registry = await startRegistryServer();
  onTestFinished(() => registry.stop());
  const script = join(import.meta.dirname, 'test-push-child.ts');
  const result = await runProcess({
    command: process.execPath,
    args: [script, registry.host],
    env: { PATH: toolEnv().PATH, HOME: toolEnv().HOME },
    timeout: 60_000,
  });
  expect(result.stderr.toString()).toBe('');
  const { loaded, requests } = JSON.parse(result.stdout.toString());
  expect(requests).toBe(5);
  expect(loaded).toContain('registry-upload');
  const lazy = [
    'address-guard',
    'credential-helpers',
    'ip-address',
    'proxy',
    'proxy-transport',
    'referrers',
    'upload-chunks',
    'upload-source',
  ];
  expect(loaded.filter((name: string) => lazy.includes(name))).toEqual([]);
});
