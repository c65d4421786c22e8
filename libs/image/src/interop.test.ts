import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { connectEngine, type Engine } from '@baton/engine';
import { sha256 } from '@baton/kernel';
import { connectRegistry, openStore, type RuntimeConfig, readDockerArchive } from '@baton/oci';
import {
  type DockerRegistry,
  needs,
  startDockerRegistry,
  startEngine,
  type TestEngine,
  temporaryDirectory,
} from '@baton/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Identity, type InteropImage, interopImage, tool } from './interop.fixture.ts';
import { loadImage } from './load/load-image.ts';
import { imageLoadOptions } from './load/options.ts';
import { readImage, readLayoutImage } from './sparse-layout.ts';

const AMD64 = ['--override-os', 'linux', '--override-arch', 'amd64'];
const FORMS = ['layout', 'archive', 'docker-archive', 'registry', 'engine'] as const;
type Form = (typeof FORMS)[number];
/** What a copy turned out to be. */
type Copied = Identity & { runtime?: RuntimeConfig | undefined };

needs('dockerd', 'docker-registry', 'skopeo', 'busybox').describe('an image of ours', () => {
  let started: TestEngine;
  let engine: Engine;
  let registry: DockerRegistry;
  let ours: InteropImage;
  let count = 0;
  beforeAll(async () => {
    [started, registry] = await Promise.all([startEngine(), startDockerRegistry()]);
    engine = connectEngine({ DOCKER_HOST: started.host });
    ours = await interopImage(registry.host);
    const io = { ...ours.project.io, env: { ...ours.project.io.env, DOCKER_HOST: started.host } };
    await loadImage(imageLoadOptions.parse({ image: ours.project.dir, name: ['interop/loaded:1'] }), io);
  }, 120_000);
  afterAll(async () => {
    engine?.close();
    await Promise.all([started?.stop(), registry?.stop()]);
  }, 60_000);

  /** Where a copy comes from, in skopeo's words: what Baton itself made. */
  const from: Record<Form, () => string> = {
    layout: () => `oci:${ours.layout}`,
    archive: () => `oci-archive:${ours.archive}`,
    'docker-archive': () => `docker-archive:${ours.dockerArchive}`,
    registry: () => `docker://${ours.reference}`,
    engine: () => 'docker-daemon:interop/loaded:1',
  };

  /** A new place of each form: skopeo's words for it, and how Baton reads what was put there. */
  const to: Record<Form, () => { name: string; read: () => Promise<Copied> }> = {
    layout() {
      const dir = join(temporaryDirectory('copy'), 'layout');
      return { name: `oci:${dir}`, read: () => inLayout(dir) };
    },
    archive() {
      const dir = temporaryDirectory('copy');
      const read = async (): Promise<Copied> => {
        await tool('tar', ['-xf', join(dir, 'copy.tar'), '-C', dir]);
        return await inLayout(dir);
      };
      return { name: `oci-archive:${join(dir, 'copy.tar')}`, read };
    },
    'docker-archive'() {
      const path = join(temporaryDirectory('copy'), 'copy.tar');
      return { name: `docker-archive:${path}:copy/of:1`, read: () => inDockerArchive(createReadStream(path)) };
    },
    registry() {
      const repository = `copy/number-${++count}`;
      return { name: `docker://${registry.host}/${repository}:1`, read: () => inRegistry(repository, '1') };
    },
    engine() {
      const name = `copy/number-${++count}:1`;
      return { name: `docker-daemon:${name}`, read: () => inEngine(name) };
    },
  };

  async function inLayout(dir: string): Promise<Copied> {
    const { image } = await readLayoutImage(dir, { foreign: true });
    const [one] = image.platforms;
    const config = one?.manifest.config.digest ?? 'sha256:';
    return { config, diffIds: one?.config.rootfs.diff_ids ?? [], runtime: one?.config.config };
  }

  async function inDockerArchive(archive: AsyncIterable<Uint8Array>): Promise<Identity> {
    const store = openStore(temporaryDirectory('store'));
    const [one] = await readDockerArchive(archive, store, { compression: { algorithm: 'gzip', level: 1 } });
    return { config: one?.config.descriptor.digest ?? 'sha256:', diffIds: (one?.layers ?? []).map((l) => l.diffId) };
  }

  async function inRegistry(repository: string, tag: string): Promise<Identity> {
    const client = connectRegistry(registry.host);
    try {
      const top = await client.getManifest(repository, tag);
      const image = await readImage(top.descriptor, repository, async (descriptor) => {
        if (descriptor.digest === top.descriptor.digest) return top.bytes;
        const parts: Buffer[] = [];
        for await (const chunk of client.getBlob(repository, descriptor)) parts.push(chunk);
        return Buffer.concat(parts);
      });
      const [one] = image.platforms;
      return { config: one?.manifest.config.digest ?? 'sha256:', diffIds: one?.config.rootfs.diff_ids ?? [] };
    } finally {
      client.close();
    }
  }

  async function inEngine(name: string): Promise<Identity> {
    const there = await engine.inspect(name);
    return { config: there?.id ?? 'sha256:', diffIds: there?.diffIds ?? [] };
  }

  const copy = (source: string, target: string): Promise<Buffer> => {
    const hosts = ['--src-daemon-host', started.host, '--dest-daemon-host', started.host];
    const plain = ['--src-tls-verify=false', '--dest-tls-verify=false', '--insecure-policy', '--quiet'];
    return tool('skopeo', [...AMD64, 'copy', ...plain, ...hosts, source, target]);
  };

  describe.each(FORMS)('as %s', (source) => {
    test.each(FORMS)('goes through skopeo to %s, the same image', async (target) => {
      const place = to[target]();
      await copy(from[source](), place.name);
      const { runtime, ...found } = await place.read();
      // Docker's form becomes OCI's there: skopeo writes the config anew then, in its own order.
      const rewritten = /^(docker-archive|engine)$/.test(source) && /^(layout|archive)$/.test(target);
      expect(found).toEqual(rewritten ? { ...ours.identity, config: found.config } : ours.identity);
      expect(found.config === ours.identity.config).toBe(!rewritten);
      if (runtime !== undefined) expect(runtime).toEqual(ours.runtime);
    });
  });

  test('is read back from the engine, the layer that comes twice too', async () => {
    expect(new Set(ours.identity.diffIds).size).toBe(ours.identity.diffIds.length - 1);
    expect(await inDockerArchive(engine.save('interop/loaded:1', { emit: () => undefined }))).toEqual(ours.identity);
  });

  describe('with the docker command', () => {
    const docker = async (...args: string[]): Promise<string> =>
      (await tool('docker', args, { DOCKER_HOST: started.host })).toString().trim();

    test('is loaded from the file that we write, and saved as one that we read', async () => {
      expect(await docker('load', '--quiet', '--input', ours.dockerArchive)).toContain('interop/agent:1.2.3');
      expect(await docker('image', 'inspect', '--format', '{{.Id}}', ours.reference)).toBe(ours.identity.config);
      const saved = join(temporaryDirectory('saved'), 'saved.tar');
      await docker('save', '--output', saved, ours.reference);
      expect(await inDockerArchive(createReadStream(saved))).toEqual(ours.identity);
    });

    test('is pulled under its digest', async () => {
      await engine.remove(ours.reference);
      const byDigest = `${ours.reference.replace(/:[^:]*$/, '')}@${ours.index}`;
      await docker('pull', '--quiet', byDigest);
      expect(await docker('image', 'inspect', '--format', '{{.Id}}', byDigest)).toBe(ours.identity.config);
    });

    test('runs as it says', async () => {
      const run = ['run', '--rm', '--network', 'none', 'interop/loaded:1'];
      expect(await docker(...run)).toBe('hello');
      const inside = ['run', '--rm', '--network', 'none', '--entrypoint', '/bin/busybox', 'interop/loaded:1'];
      expect(await docker(...inside, 'id')).toContain('uid=7 gid=8');
      expect(sha256(await docker(...inside, 'cat', '/tree/ü'))).toBe(sha256('u'));
    });
  });
});
