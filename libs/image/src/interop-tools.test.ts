import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { flattenLayers, openLayer, openStore } from '@baton/oci';
import { type DockerRegistry, needs, startDockerRegistry, temporaryDirectory } from '@baton/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type InteropImage, interopImage, tool, treeOf, treeOfTar } from './interop.fixture.ts';
import { readLayoutImage } from './sparse-layout.ts';

needs('root', 'docker-registry', 'busybox').describe('files and digests of an image of ours', () => {
  let registry: DockerRegistry;
  let ours: InteropImage;
  let files: Map<string, string>;
  beforeAll(async () => {
    registry = await startDockerRegistry();
    ours = await interopImage(registry.host);
    files = treeOf(ours.rootfs);
  }, 60_000);
  afterAll(async () => await registry?.stop(), 60_000);

  test('are the same unpacked and as one flat archive', async () => {
    const { image } = await readLayoutImage(ours.layout);
    const store = openStore(ours.layout);
    const chosen = image.platforms.find(({ platform }) => platform === ours.platform) ?? image.platforms[0];
    const layers = (chosen?.manifest.layers ?? []).map(({ digest, size, mediaType }) => ({
      where: digest,
      open: () => openLayer(store.stream(digest, size), mediaType, digest),
    }));
    const tree = new Map<string, string>();
    for await (const { header } of flattenLayers(layers)) tree.set(header.path, header.type);
    expect([...tree.keys()].sort()).toEqual([...files.keys()].sort());
    expect(files.get('bin/busybox')).toMatch(/^file 755 0:0 sha256:/);
    expect([...files.keys()].some((path) => path.length > 200)).toBe(true);
  });

  needs('umoci', 'skopeo')('umoci unpacks', async () => {
    // It wants one manifest behind a tag, not an index.
    const dir = temporaryDirectory('umoci');
    const layout = join(dir, 'layout');
    const amd64 = ['--override-os', 'linux', '--override-arch', 'amd64'];
    await tool('skopeo', [...amd64, 'copy', '--quiet', '--insecure-policy', `oci:${ours.layout}`, `oci:${layout}:1`]);
    await tool('umoci', ['unpack', '--image', `${layout}:1`, join(dir, 'bundle')]);
    expect(treeOf(join(dir, 'bundle', 'rootfs'))).toEqual(files);
  });

  needs('buildah')('buildah begins a container from', async () => {
    const dir = temporaryDirectory('buildah');
    const storage = ['--storage-driver', 'vfs', '--root', join(dir, 'root'), '--runroot', join(dir, 'run')];
    const buildah = async (...args: string[]): Promise<string> =>
      (await tool('buildah', [...storage, ...args], { HOME: dir, BUILDAH_ISOLATION: 'chroot' })).toString().trim();
    const policy = join(dir, 'policy.json');
    await tool('sh', ['-c', `echo '{"default":[{"type":"insecureAcceptAnything"}]}' > ${policy}`]);
    const pull = ['--signature-policy', policy, '--arch', 'amd64', '--tls-verify=false'];
    const container = await buildah('from', ...pull, `docker://${ours.reference}`);
    try {
      expect(treeOf(await buildah('mount', container))).toEqual(files);
      expect(await buildah('inspect', '--format', '{{.FromImageID}}', container)).toBe(
        ours.identity.config.replace('sha256:', ''),
      );
    } finally {
      await buildah('umount', container);
      await buildah('rm', container);
    }
  });

  needs('crane').describe('with crane', () => {
    test('are valid in the registry and in the file for docker load', async () => {
      for (const platform of ['linux/amd64', 'linux/arm64']) {
        const said = await tool('crane', ['validate', '--platform', platform, '--remote', ours.reference]);
        expect(said.toString()).toContain('PASS');
      }
      expect((await tool('crane', ['validate', '--tarball', ours.dockerArchive])).toString()).toContain('PASS');
      const digest = await tool('crane', ['digest', ours.reference]);
      expect(digest.toString().trim()).toBe(ours.index);
      const config = await tool('crane', ['config', '--platform', 'linux/amd64', ours.reference]);
      expect(JSON.parse(config.toString())).toMatchObject({ rootfs: { diff_ids: ours.identity.diffIds } });
    });

    test('are exported', async () => {
      const path = join(temporaryDirectory('crane'), 'flat.tar');
      await tool('crane', ['export', '--platform', 'linux/amd64', ours.reference, path]);
      expect(await treeOfTar(createReadStream(path))).toEqual(files);
    });
  });
});
