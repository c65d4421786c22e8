import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { registerSecret } from '@baton/kernel';
import { collect, needs, startEngine, streamOf, type TestEngine, temporaryDirectory, writeFiles } from '@baton/testkit';
import { afterAll, beforeAll, expect } from 'vitest';
import { connectEngine } from './connect.ts';
import type { Engine, EngineBuild } from './engine.ts';
import { contextWith, makeBase, openResources, recorder } from './test-engine.ts';

const test = needs('dockerd', 'busybox');
const PROTOCOLS = ['buildkit', 'classic'] as const;

needs('dockerd', 'busybox').describe('building in an engine', () => {
  let server: TestEngine;
  let engine: Engine;
  const io = { emit: () => undefined };
  beforeAll(async () => {
    server = await startEngine();
    engine = connectEngine({ DOCKER_HOST: server.host });
    await makeBase(engine);
  }, 120_000);
  afterAll(() => server.stop(), 60_000);

  const build = (text: string, more: Partial<EngineBuild> = {}, files: Record<string, string> = {}) =>
    engine.build({ ...contextWith(text, files), network: 'none', ...more }, io);
  const run = async (image: string, ...args: string[]) => {
    const { code, stdout } = await engine.run({ image, args, timeout: 30_000 }, io);
    return { code, text: String(stdout) };
  };

  for (const protocol of PROTOCOLS) {
    test(`by ${protocol}: arguments, stages, labels, platform, tags`, async () => {
      const text = `FROM busybox:test AS one
ARG WHO
RUN echo "hello $WHO" >/greeting
FROM one AS two
RUN echo never >/greeting
`;
      const image = await build(text, {
        protocol,
        args: { WHO: 'world' },
        target: 'one',
        labels: { 'org.example.a': 'b c', 'x"y': '1' },
        platform: 'linux/amd64',
        tags: [`made:${protocol}`, `made:${protocol}-2`],
        noCache: true,
      });
      expect(image).toMatchObject({ platform: 'linux/amd64', id: expect.stringMatching(/^sha256:/) });
      expect(image.tags.toSorted()).toEqual([`made:${protocol}`, `made:${protocol}-2`]);
      expect(image.diffIds).toHaveLength(3);
      expect(await engine.inspect(`made:${protocol}`)).toEqual(image);
      expect(await run(image.id, 'cat', '/greeting')).toEqual({ code: 0, text: 'hello world\n' });
      // The same again comes from the cache, unless it is not wanted.
      expect((await build(text, { protocol, args: { WHO: 'world' }, target: 'one' })).diffIds).toEqual(image.diffIds);
    }, 120_000);

    test(`by ${protocol}: files have the times, modes and links that were promised`, async () => {
      const { context, dockerfile } = contextWith('FROM busybox:test\nCOPY d /d\n', { 'd/f': 'x', 'd/run.sh': '' });
      const { chmodSync, symlinkSync } = await import('node:fs');
      chmodSync(join(context, 'd/run.sh'), 0o700);
      chmodSync(join(context, 'd/f'), 0o600);
      symlinkSync('/etc/nothing', join(context, 'd/l'));
      const image = await engine.build({ context, dockerfile, protocol, epoch: 86_400 }, io);
      const { text } = await run(image.id, 'stat', '-c', '%a %u %Y %n', '/d/f', '/d/run.sh', '/d/l');
      expect(text).toBe('644 0 86400 /d/f\n755 0 86400 /d/run.sh\n777 0 86400 /d/l\n');
      expect((await run(image.id, 'readlink', '/d/l')).text).toBe('/etc/nothing\n');
    }, 120_000);

    test(`by ${protocol}: a Dockerfile from elsewhere, and a context of nothing else`, async () => {
      const elsewhere = temporaryDirectory();
      await writeFiles(elsewhere, { 'My.dockerfile': 'FROM busybox:test\nCOPY . /all\n' });
      const context = temporaryDirectory();
      await writeFiles(context, { a: '' });
      const dockerfile = join(elsewhere, 'My.dockerfile');
      const image = await engine.build({ context, dockerfile, protocol }, io);
      // BuildKit finds the Dockerfile in the context or nowhere: there COPY sees it, under its private name.
      const names = (await run(image.id, 'ls', '-A', '/all')).text.replace(/\.dockerfile\.[0-9a-f]{20}/, 'Dockerfile');
      expect(names).toBe(protocol === 'buildkit' ? 'Dockerfile\na\n' : 'a\n');
      await writeFiles(context, { '.dockerignore': 'b\n', b: '' });
      const second = await engine.build({ context, dockerfile, protocol: 'classic' }, io);
      expect((await run(second.id, 'ls', '-A', '/all')).text).toBe('.dockerignore\na\n');
    }, 120_000);

    test(`by ${protocol}: progress`, async () => {
      const { events, emit } = recorder();
      const source = contextWith('FROM busybox:test\nRUN echo one; echo two >&2\n', { big: 'x'.repeat(600_000) });
      await engine.build({ ...source, network: 'none', protocol, noCache: true }, { emit });
      const of = (type: string) => events.filter((event) => event.type === type);
      expect(of('context.end')).toMatchObject([{ done: of('context.start')[0]?.total, unit: 'bytes' }]);
      expect(of('context.progress').length).toBeGreaterThan(1);
      const starts = of('build.start').map(({ id }) => id);
      expect(starts).toEqual(expect.arrayContaining(of('build.end').map(({ id }) => id)));
      expect(of('build.end')).toHaveLength(starts.length);
      const step = of('build.start').find(({ label }) => /^\[2\/2\] RUN echo one/.test(label ?? ''));
      expect(step).toBeDefined();
      expect(
        of('build.progress')
          .map(({ id, detail }) => [id, detail])
          .toSorted(),
      ).toEqual([
        [step?.id, 'one'],
        [step?.id, 'two'],
      ]);
      const again = recorder();
      await engine.build({ ...source, network: 'none', protocol }, { emit: again.emit });
      expect(again.events).toContainEqual(
        expect.objectContaining({ type: 'build.end', label: step?.label, detail: 'cached' }),
      );
    }, 120_000);

    test(`by ${protocol}: a step that fails is named with its last lines, without secrets`, async () => {
      const before = process.getActiveResourcesInfo();
      registerSecret('geheim-17');
      const failing = build(
        'FROM busybox:test\nRUN for i in $(seq 30); do echo line $i; done; echo geheim-17; exit 7\n',
        {
          protocol,
          // Opens a session as well.
          auth: [{ registry: 'r.example', username: 'u', password: 'secret-of-r' }],
          tags: ['never:1'],
        },
      );
      const error = await failing.catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({
        code: 'BUILD_FAILED',
        message: expect.stringMatching(/^step \[2\/2\] RUN for i .* of .*Dockerfile failed with exit code 7$/),
        hint: expect.stringMatching(/^It printed last:\nline 12\n.*line 30\n\*\*\*$/s),
        details: { exitCode: 7, output: expect.arrayContaining(['line 30', '***']) },
      });
      expect(await engine.inspect('never:1')).toBeUndefined();
      await expect.poll(() => openResources(before)).toEqual([]);
    }, 120_000);

    test(`by ${protocol}: what is wrong with a Dockerfile is said with its line`, async () => {
      for (const text of ['FROM busybox:test\nFOO bar\n', 'FROM busybox:test\nCOPY --bad=1 a /\n'])
        await expect(build(text, { protocol })).rejects.toMatchObject({
          code: 'DOCKERFILE_INVALID',
          message: expect.stringContaining('line 2'),
        });
      await expect(build('', { protocol })).rejects.toMatchObject({ code: 'DOCKERFILE_INVALID' });
      await expect(build('FROM busybox:test\nCOPY nothing /\n', { protocol })).rejects.toMatchObject({
        code: 'BUILD_FAILED',
        message: expect.stringContaining('COPY nothing'),
      });
      await expect(build('FROM busybox:test\n', { protocol, target: 'none' })).rejects.toMatchObject({
        code: 'BUILD_FAILED',
        message: expect.stringContaining('none'),
      });
      await expect(build('FROM 127.0.0.1:1/none\nRUN true\n', { protocol })).rejects.toMatchObject({
        code: 'REGISTRY_UNREACHABLE',
      });
    }, 120_000);

    test(`by ${protocol}: a context that cannot be sent changes nothing`, async () => {
      const { context, dockerfile } = contextWith('FROM busybox:test\nCOPY . /\n', { f: 'x'.repeat(3_000_000) });
      const emit = ({ type }: { type: string }): void => {
        // In the middle of the upload.
        if (type === 'context.progress') writeFileSync(join(context, 'f'), 'short');
      };
      await expect(engine.build({ context, dockerfile, protocol, tags: ['never:1'] }, { emit })).rejects.toMatchObject({
        code: 'FILE_CHANGED',
      });
      expect(await engine.inspect('never:1')).toBeUndefined();
      // The file that was being read is closed.
      const open = readdirSync('/proc/self/fd').length;
      await engine.build({ context, dockerfile, protocol, tags: ['now:1'] }, io);
      expect(readdirSync('/proc/self/fd').length).toBeLessThanOrEqual(open);
    }, 120_000);
  }

  test('saves, loads, names and removes', async () => {
    const image = await build('FROM busybox:test\nLABEL a=1\n', { tags: ['thing:1'] });
    const archive = await collect(engine.save('thing:1', io));
    expect(await engine.tag('thing:1', '127.0.0.1:5000/other/thing:2')).toBeUndefined();
    expect((await engine.inspect(image.id))?.tags.toSorted()).toEqual(['127.0.0.1:5000/other/thing:2', 'thing:1']);
    for (const name of ['thing:1', '127.0.0.1:5000/other/thing:2', 'thing:1']) await engine.remove(name);
    expect(await engine.inspect(image.id)).toBeUndefined();
    expect(await engine.load(streamOf(archive)(), io)).toEqual(['thing:1']);
    expect((await engine.inspect('thing:1'))?.id).toBe(image.id);
    await expect(engine.tag('none:1', 'x:1')).rejects.toMatchObject({ code: 'IMAGE_NOT_BUILT' });
  }, 120_000);
});
