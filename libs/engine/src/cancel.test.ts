import { setTimeout as sleep } from 'node:timers/promises';
import type { Emit } from '@baton/kernel';
import { needs, startEngine, type TestEngine } from '@baton/testkit';
import { afterAll, beforeAll, expect } from 'vitest';
import { connectEngine } from './connect.ts';
import type { Engine, EngineBuild } from './engine.ts';
import { contextWith, makeBase, openResources } from './test-engine.ts';

const test = needs('dockerd', 'busybox');
const PROTOCOLS = ['buildkit', 'classic'] as const;

needs('dockerd', 'busybox').describe('a build that is ended', () => {
  let server: TestEngine;
  let engine: Engine;
  const io = { emit: () => undefined };
  beforeAll(async () => {
    server = await startEngine();
    engine = connectEngine({ DOCKER_HOST: server.host });
    await makeBase(engine);
  }, 120_000);
  afterAll(() => server.stop(), 60_000);

  const remains = async (): Promise<string[]> => {
    const { default: Docker } = await import('dockerode');
    const docker = new Docker({ socketPath: server.socket });
    const containers = await docker.listContainers({ all: true });
    const images = await docker.listImages({ filters: { dangling: ['true'] } });
    return [...containers.map(({ Id }) => `container ${Id}`), ...images.map(({ Id }) => `image ${Id}`)];
  };
  const slow = (tag: string): string =>
    `FROM busybox:test\nRUN echo ${tag} >/a\nCOPY f /f\nRUN echo sleeping; sleep 600\nRUN echo never\n`;
  const build = (text: string, more: Partial<EngineBuild>, signal?: AbortSignal, emit: Emit = () => undefined) =>
    engine.build({ ...contextWith(text, { f: '1' }), network: 'none', ...more }, { emit, signal });

  for (const protocol of PROTOCOLS) {
    test(`by ${protocol}, in the middle of a step: leaves nothing behind`, async () => {
      const before = process.getActiveResourcesInfo();
      expect(await remains()).toEqual([]);
      const controller = new AbortController();
      const running = build(slow(protocol), { protocol, tags: ['never:1'] }, controller.signal, ({ detail }) => {
        if (detail === 'sleeping') controller.abort();
      });
      await expect(running).rejects.toMatchObject({ code: 'INTERRUPTED' });
      // BuildKit lets go of a step's container a moment after it has answered.
      await expect.poll(remains).toEqual([]);
      expect(await engine.inspect('never:1')).toBeUndefined();
      await expect.poll(() => openResources(before)).toEqual([]);
    }, 120_000);

    test(`by ${protocol}, at the beginning of any step: leaves nothing behind`, async () => {
      const text = 'FROM busybox:test\nRUN true >/a\nCOPY f /f\nENV A=1\nRUN true >/b\nCOPY f /g\n';
      for (const step of ['context', 'RUN true >/a', 'COPY f /f', 'ENV', 'COPY f /g', 'exporting']) {
        const controller = new AbortController();
        const emit: Emit = ({ type, label = '' }) => {
          if (type.endsWith('.start') && label.replace(/^\[[\d/]+\] /, '').startsWith(step)) controller.abort();
        };
        const source = { protocol, noCache: true, args: { step } };
        const result = await build(text, source, controller.signal, emit).catch((error: unknown) => error);
        if (result instanceof Error) expect(result).toMatchObject({ code: 'INTERRUPTED' });
        else await engine.remove((result as { id: string }).id);
        // What the engine still makes of the build that was left shows while it makes another one.
        const { id } = await build('FROM busybox:test\nRUN sleep 0.3\n', { protocol, noCache: true });
        await engine.remove(id);
        expect({ step, remains: await remains() }).toEqual({ step, remains: [] });
      }
    }, 120_000);

    test(`by ${protocol}: another one of the same goes on`, async () => {
      const text = 'FROM busybox:test\nRUN echo started; sleep 3; echo done >/x\n';
      const controller = new AbortController();
      const source = { ...contextWith(text), network: 'none', protocol } as const;
      const one = engine
        .build(source, {
          signal: controller.signal,
          emit: ({ detail }) => void (detail === 'started' && controller.abort()),
        })
        .catch((error: unknown) => error);
      const other = engine.build(source, io);
      expect(await one).toMatchObject({ code: 'INTERRUPTED' });
      const image = await other;
      expect(await engine.inspect(image.id)).toEqual(image);
      await engine.remove(image.id);
      expect(await remains()).toEqual([]);
    }, 120_000);

    test(`by ${protocol}: one that failed leaves nothing behind either`, async () => {
      const text = `FROM busybox:test\nRUN echo ${protocol} >/a\nCOPY f /f\nRUN false\n`;
      await expect(build(text, { protocol })).rejects.toMatchObject({ code: 'BUILD_FAILED' });
      await expect.poll(remains).toEqual([]);
    }, 120_000);
  }
});

needs('dockerd', 'busybox').describe('an engine that dies', () => {
  for (const protocol of PROTOCOLS) {
    test(`in the middle of a build by ${protocol} is told of soon`, async () => {
      const server = await startEngine();
      try {
        const engine = connectEngine({ DOCKER_HOST: server.host });
        await makeBase(engine);
        const before = process.getActiveResourcesInfo();
        const started = Promise.withResolvers<void>();
        const text = 'FROM busybox:test\nRUN echo started; sleep 600\n';
        const running = engine
          .build(
            { ...contextWith(text), network: 'none', protocol },
            { emit: ({ detail }) => void (detail === 'started' && started.resolve()) },
          )
          .catch((error: unknown) => error);
        await started.promise;
        await server.kill();
        const late = sleep(20_000, 'it hangs', { ref: false });
        expect(await Promise.race([running, late])).toMatchObject({
          code: 'ENGINE_FAILED',
          message: expect.stringContaining('broke'),
          hint: expect.stringContaining('baton doctor'),
        });
        await expect(engine.inspect('busybox:test')).rejects.toMatchObject({ code: 'ENGINE_UNAVAILABLE' });
        await expect.poll(() => openResources(before)).toEqual([]);
      } finally {
        await server.stop();
      }
    }, 120_000);
  }
});
