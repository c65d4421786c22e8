import { cpSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildImage, exportImage, type ImageIo, verifyProject } from '@baton/image';
import { cacheDir, runProcess, silent, toolEnv } from '@baton/kernel';
import { type LoadedManifest, loadManifest } from '@baton/manifest';
import { needs, temporaryDirectory, temporaryRepository } from '@baton/testkit';
import { beforeAll, expect, test } from 'vitest';
import { bundleInto, REPOSITORY } from './test-bundle.ts';
import { testNode } from './test-node.ts';
import { afterBanner, plain } from './test-run.ts';

const PLATFORM = `linux/${process.arch === 'x64' ? 'amd64' : process.arch}`;
const BUILD = { dryRun: false, locked: false, force: false, bundle: false };

// As shipped: the base from Debian's packages, koffi from npm, the bundle on top. Packages come from the machine's cache.
needs('root', 'busybox', 'apt', 'npm').describe('the image of the agent', () => {
  let agent: LoadedManifest;
  const io: ImageIo = { emit: silent, cacheDir: cacheDir(), env: process.env };

  beforeAll(async () => {
    const read = (path: string): string => readFileSync(join(REPOSITORY, path), 'utf8');
    const files = ['apps/agent', 'containers/base'].flatMap((dir) =>
      ['agent.yaml', 'image.lock.json'].map((name) => `${dir}/${name}`),
    );
    const { dir } = await temporaryRepository({
      ...Object.fromEntries(files.map((path) => [path, read(path)])),
      '.gitignore': 'dist\n',
      'package.json': '{}',
    });
    const project = join(dir, 'apps/agent');
    mkdirSync(join(project, 'dist/bundle'), { recursive: true });
    await bundleInto(join(project, 'dist/bundle'));
    await buildImage(await loadManifest(join(dir, 'containers/base')), BUILD, io);
    agent = await loadManifest(project);
    await buildImage(agent, BUILD, io);
  }, 600_000);

  test('verifies, native part included, and one start of it prints the banner', async () => {
    const options = { run: 'auto', published: false, statement: join(temporaryDirectory(), 'verify.json') } as const;
    const { checks, run } = await verifyProject(agent, options, io);
    expect(checks.filter(({ result }) => result === 'failed' || result === 'pending')).toEqual([]);
    expect(checks).toContainEqual({ id: 'native', platform: PLATFORM, result: 'passed', detail: expect.anything() });
    expect(run?.stdout).toMatch(/^-{20}\n-CLI CONFIGURATION--\nmode: none\nroot_mount: \/\ncopy_dir: \/none\n/);
    expect(run?.stderr).toMatch(/^WARNING:root:This version of the Agent doesn't support the none mode\. /);
  }, 120_000);

  test.each([
    ['with /proc', ['--mount', '--pid', '--fork', '--kill-child', '--mount-proc']],
    ['without /proc', ['--mount', '--pid', '--fork', '--kill-child']],
  ])(
    'its root file system runs a step in the root of a node, %s',
    async (_how, namespaces) => {
      const rootfs = join(temporaryDirectory('rootfs'), 'root');
      await exportImage(agent, { to: rootfs, format: 'rootfs', platform: PLATFORM }, io);
      const node = testNode([{ path: 'a.sh', script: 'echo in the root; ls /; exit 0' }]);
      // The node's own root, seen in the container where the operator mounts it.
      mkdirSync(join(rootfs, 'proc'), { recursive: true });
      cpSync(node.root, join(rootfs, 'root'), { recursive: true, verbatimSymlinks: true });
      const { code, stdout, stderr } = await runProcess({
        command: 'unshare',
        args: [
          ...namespaces,
          '--root',
          rootfs,
          '--wd',
          '/app',
          ...(agent.manifest.image?.entrypoint ?? []),
          'apply',
          '/root',
          node.copyDir,
        ],
        env: { ...toolEnv(), COPY_RESOLV: 'false', SKYHOOK_RESOURCE_ID: 'node-1_tool_1.2.3' },
        timeout: 60_000,
      });
      expect({ code, stderr: stderr.toString('utf8') }).toEqual({ code: 0, stderr: '' });
      const printed =
        '[out]<TS> in the root\n[out]<TS> bin\n[out]<TS> dev\n[out]<TS> etc\n[out]<TS> tmp\n[out]<TS> var\n[out]<TS> ';
      expect(afterBanner(stdout.toString('utf8'))).toBe(
        `apply a.sh [] [0] Idempotence.Auto True\n${printed}SUCEEDED: a.sh \n`,
      );
      expect(plain(stdout.toString('utf8'))).toContain('flag_dir: /etc/skyhook/flags/tool/1.2.3\n');
    },
    120_000,
  );
});
