import { needs, startEngine, type TestEngine } from '@baton/testkit';
import { afterAll, beforeAll, expect } from 'vitest';
import { connectEngine } from './connect.ts';
import type { Engine, EngineRun } from './engine.ts';
import { makeBase, openResources } from './test-engine.ts';

const test = needs('dockerd', 'busybox');

needs('dockerd', 'busybox').describe('running an image', () => {
  let server: TestEngine;
  let engine: Engine;
  const io = { emit: () => undefined };
  beforeAll(async () => {
    server = await startEngine();
    engine = connectEngine({ DOCKER_HOST: server.host });
    await makeBase(engine);
  }, 120_000);
  afterAll(() => server.stop(), 60_000);

  const run = (script: string, more: Partial<EngineRun> = {}, signal?: AbortSignal) =>
    engine.run({ image: 'busybox:test', args: ['sh', '-c', script], timeout: 30_000, ...more }, { ...io, signal });
  const containers = async (): Promise<number> => {
    const { default: Docker } = await import('dockerode');
    return (await new Docker({ socketPath: server.socket }).listContainers({ all: true })).length;
  };

  test('gives exit code and both streams, byte by byte', async () => {
    const result = await run(`printf 'a\\000\\377'; printf 'b\\n' >&2; exit 3`);
    expect(result).toEqual({ code: 3, stdout: Buffer.from([97, 0, 255]), stderr: Buffer.from('b\n') });
    expect(await containers()).toBe(0);
  }, 60_000);

  test('entry point, environment, no network', async () => {
    const result = await run('', { entrypoint: ['/bin/env'], args: [], env: { A: 'x=y z' } });
    expect(String(result.stdout).split('\n')).toContain('A=x=y z');
    expect(
      String((await run('ls /sys/class/net')).stdout)
        .trim()
        .split(/\s+/),
    ).toEqual(['lo']);
    const host = String((await run('ls /sys/class/net', { network: 'host' })).stdout);
    expect(host).toContain('lo');
  }, 60_000);

  test('keeps what the limit allows and lets the program end', async () => {
    const { code, stdout, stderr } = await run('yes | head -c 3000000; echo err >&2', { maxOutput: 1000 });
    expect([code, stdout.byteLength, String(stderr)]).toEqual([0, 1000, 'err\n']);
  }, 60_000);

  test('one that does not end is ended and removed', async () => {
    const before = process.getActiveResourcesInfo();
    await expect(run('trap "" TERM; sleep 1000', { timeout: 1_000 })).rejects.toMatchObject({ code: 'TIMEOUT' });
    expect(await containers()).toBe(0);
    await expect.poll(() => openResources(before)).toEqual([]);
  }, 60_000);

  test('an interrupted one is ended and removed', async () => {
    const before = process.getActiveResourcesInfo();
    const controller = new AbortController();
    const running = run('sleep 1000', {}, controller.signal).catch((error: unknown) => error);
    await expect.poll(containers, { timeout: 20_000 }).toBe(1);
    controller.abort();
    expect(await running).toMatchObject({ code: 'INTERRUPTED' });
    expect(await containers()).toBe(0);
    await expect.poll(() => openResources(before)).toEqual([]);
  }, 60_000);

  test('what cannot be started is said, and removed', async () => {
    await expect(run('', { entrypoint: ['/none'] })).rejects.toMatchObject({
      code: 'ENGINE_FAILED',
      message: expect.stringContaining('/none'),
    });
    expect(await containers()).toBe(0);
    await expect(run('', { image: 'none:1' })).rejects.toMatchObject({ code: 'IMAGE_NOT_BUILT' });
  }, 60_000);
});
