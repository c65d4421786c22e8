import {
  DOCKER_REGISTRY_USER,
  type DockerRegistry,
  needs,
  startDockerRegistry,
  startEngine,
  type TestEngine,
} from '@baton/testkit';
import { afterAll, beforeAll, expect } from 'vitest';
import { connectEngine } from './connect.ts';
import type { Engine } from './engine.ts';
import { contextWith, makeBase, openResources, recorder } from './test-engine.ts';

const test = needs('dockerd', 'busybox', 'docker-registry', 'openssl');

needs('dockerd', 'busybox', 'docker-registry', 'openssl').describe('an engine and registries', () => {
  let server: TestEngine;
  let engine: Engine;
  const registries: DockerRegistry[] = [];
  const io = { emit: () => undefined };
  beforeAll(async () => {
    server = await startEngine();
    engine = connectEngine({ DOCKER_HOST: server.host });
    await makeBase(engine);
    registries.push(
      await startDockerRegistry(),
      await startDockerRegistry({ auth: 'basic' }),
      await startDockerRegistry({ auth: 'bearer' }),
    );
  }, 120_000);
  afterAll(async () => {
    await server.stop();
    for (const registry of registries) await registry.stop();
  }, 60_000);

  const hostOf = (index: number): string => registries[index]?.host ?? '';
  const authOf = (index: number) => ({ ...DOCKER_REGISTRY_USER, registry: hostOf(index) });

  test('push reads the digest back, pull brings the same image', async () => {
    const reference = `${hostOf(0)}/team/thing:1.0.0`;
    const image = await engine.build(
      { ...contextWith('FROM busybox:test\nLABEL a=1\nCOPY f /f\n', { f: '1' }), tags: [reference] },
      io,
    );
    const { events, emit } = recorder();
    const { digest, size } = await engine.push(reference, { emit });
    const answer = await fetch(`http://${hostOf(0)}/v2/team/thing/manifests/1.0.0`, {
      headers: { accept: 'application/vnd.docker.distribution.manifest.v2+json' },
    });
    expect(answer.headers.get('docker-content-digest')).toBe(digest);
    expect((await answer.arrayBuffer()).byteLength).toBe(size);
    expect(events.filter(({ type }) => type === 'push.end').length).toBeGreaterThan(0);
    expect(events.some(({ type, done }) => type === 'push.progress' && (done ?? 0) > 0)).toBe(true);
    expect((await engine.inspect(reference))?.digests).toEqual([`${hostOf(0)}/team/thing@${digest}`]);
    const again = recorder();
    expect(await engine.push(reference, { emit: again.emit })).toEqual({ digest, size });
    expect(again.events).toContainEqual(expect.objectContaining({ type: 'push.end', detail: 'already there' }));

    for (const name of [reference, 'busybox:test']) await engine.remove(name);
    expect(await engine.inspect(image.id)).toBeUndefined();
    expect((await engine.pull(`${hostOf(0)}/team/thing@${digest}`, io)).id).toBe(image.id);
    expect(await engine.pull(reference, { ...io, platform: 'linux/amd64' })).toMatchObject({ id: image.id });
    await makeBase(engine);
  }, 120_000);

  for (const [index, name] of [
    [1, 'Basic'],
    [2, 'Bearer'],
  ] as const) {
    test(`credentials over ${name}: push, pull, none, wrong ones`, async () => {
      const reference = `${hostOf(index)}/a:1`;
      await engine.tag('busybox:test', reference);
      const auth = authOf(index);
      const wrong = { ...auth, password: 'not-the-one' };
      await expect(engine.push(reference, io)).rejects.toMatchObject({
        code: 'AUTH_MISSING',
        hint: expect.stringContaining('docker login'),
      });
      await expect(engine.push(reference, { ...io, auth: wrong })).rejects.toMatchObject({ code: 'AUTH_DENIED' });
      const { digest } = await engine.push(reference, { ...io, auth });
      await engine.remove(reference);
      await expect(engine.pull(reference, io)).rejects.toMatchObject({ code: 'AUTH_MISSING' });
      expect((await engine.pull(reference, { ...io, auth })).digests).toContain(`${hostOf(index)}/a@${digest}`);
    }, 120_000);

    for (const protocol of ['buildkit', 'classic'] as const) {
      test(`a base behind ${name}, by ${protocol}`, async () => {
        const before = process.getActiveResourcesInfo();
        const auth = authOf(index);
        const base = `${hostOf(index)}/base-${protocol}:1`;
        await engine.tag('busybox:test', base);
        await engine.push(base, { ...io, auth });
        await engine.remove(base);
        // A second base, which is asked for when the first has been for a while: the session has to live as long.
        const late = `${hostOf(index)}/late-${protocol}:1`;
        const first = await engine.build({ ...contextWith('FROM busybox:test\nLABEL late=1\n'), tags: [late] }, io);
        await engine.push(late, { ...io, auth });
        await engine.remove(late);
        const text = `FROM ${base} AS one\nRUN sleep 3; echo 1 >/x\nFROM ${late}\nCOPY --from=one /x /x\n`;
        const source = { ...contextWith(text), network: 'none', protocol } as const;
        const other = { registry: 'other.example', username: 'x', password: 'other-password' };
        await expect(engine.build(source, io)).rejects.toMatchObject({ code: 'AUTH_MISSING' });
        await expect(
          engine.build({ ...source, auth: [{ ...auth, password: 'not-the-one' }] }, io),
        ).rejects.toMatchObject({ code: 'AUTH_DENIED' });
        const image = await engine.build({ ...source, auth: [other, auth] }, io);
        expect(image.diffIds.slice(0, -1)).toEqual(first.diffIds);
        // The servers of this test are in this process as well, and are reached over TCP.
        await expect.poll(() => openResources(before).filter((name) => name === 'PipeWrap')).toEqual([]);
      }, 120_000);
    }
  }

  test('a base that does not exist, and a platform that does not', async () => {
    for (const protocol of ['buildkit', 'classic'] as const) {
      const source = contextWith(`FROM ${hostOf(0)}/none:1\nRUN true\n`);
      await expect(engine.build({ ...source, protocol }, io)).rejects.toMatchObject({ code: 'BASE_NOT_FOUND' });
    }
    await expect(engine.pull(`${hostOf(0)}/none:1`, io)).rejects.toMatchObject({ code: 'IMAGE_NOT_FOUND' });
    await expect(engine.push(`${hostOf(0)}/not-here:1`, io)).rejects.toMatchObject({ code: 'IMAGE_NOT_BUILT' });
    await engine.tag('busybox:test', '127.0.0.1:1/a:1');
    await expect(engine.push('127.0.0.1:1/a:1', io)).rejects.toMatchObject({ code: 'REGISTRY_UNREACHABLE' });
  }, 120_000);
});
