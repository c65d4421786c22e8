import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadManifest } from '@baton/manifest';
import { needs, runNode, temporaryDirectory } from '@baton/testkit';
import { expect, test } from 'vitest';
import { AGENT, bundledAgent, bundleInto, REPOSITORY } from './test-bundle.ts';
import { testNode } from './test-node.ts';
import { afterBanner, runAgent } from './test-run.ts';

interface Lock {
  packages: Record<string, { version?: string; integrity?: string }>;
}

const json = (path: string): unknown => JSON.parse(readFileSync(path, 'utf8'));

test('the manifest has the version of the package', async () => {
  const { version } = json(join(AGENT, 'package.json')) as { version: string };
  const { manifest } = await loadManifest(AGENT);
  expect(manifest.image?.version).toBe(version);
});

test('the image has the koffi that the tests run with', async () => {
  const { manifest } = await loadManifest(AGENT);
  const { packages } = json(join(REPOSITORY, 'package-lock.json')) as Lock;
  const { npm } = json(join(AGENT, 'image.lock.json')) as { npm: Record<string, { integrity: string }> };
  const layers = (manifest.image?.layers ?? []).filter((layer) => 'npm' in layer);
  expect(layers.map((layer) => layer.npm)).toEqual(['koffi', '@koromix/koffi-linux-x64', '@koromix/koffi-linux-arm64']);
  for (const { npm: name, version } of layers) {
    expect(packages[`node_modules/${name}`]).toMatchObject({ version, ...npm[`${name}@${version}`] });
  }
});

test('the bundle is one file that runs alone: without arguments it reports that they are wrong', async () => {
  const out = temporaryDirectory('agent');
  await bundleInto(out);
  const { code, stdout, stderr } = await runNode(join(out, 'main.cjs'), [], { env: { COPY_RESOLV: 'true' } });
  expect({ code, stdout: stdout.toString('utf8') }).toEqual({ code: 1, stdout: '' });
  expect(stderr.toString('utf8')).toMatch(
    /^Traceback \(most recent call last\):\n(?:.*\n)*UnboundLocalError: .*root_mount.*\n$/,
  );
});

needs('root', 'busybox')('the bundle runs a step in the root of a node', async () => {
  const node = testNode([{ path: 'a.sh', script: 'echo in /; ls /; echo "$SKYHOOK_DIR"' }]);
  const { code, stdout, stderr } = await runAgent(await bundledAgent(), node);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(afterBanner(stdout)).toBe(
    [
      'apply a.sh [] [0] Idempotence.Auto True',
      '[out]<TS> in /',
      ...['bin', 'dev', 'etc', 'tmp', 'var'].map((name) => `[out]<TS> ${name}`),
      `[out]<TS> ${node.copyDir}`,
      '[out]<TS> SUCEEDED: a.sh ',
      '',
    ].join('\n'),
  );
});

test('bundled again it has the same bytes, and holds nothing but the agent', async () => {
  const [one, two] = [temporaryDirectory('agent'), temporaryDirectory('agent')];
  await bundleInto(one);
  await bundleInto(two);
  expect(readFileSync(join(one, 'main.cjs'))).toEqual(readFileSync(join(two, 'main.cjs')));
  const { inputs } = json(join(one, 'meta.json')) as { inputs: Record<string, unknown> };
  const rooms = Object.keys(inputs).map((path) => path.replace(/^(src|(?:\.\.\/)*libs\/[^/]+)\/.*$/, '$1'));
  expect([...new Set(rooms)].sort()).toEqual(['../../libs/node-agent', 'src']);
});
