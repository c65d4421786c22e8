import { chmod, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runProcess, toolEnv } from '@baton/kernel';
import { needs, runNode, startEngine, startRegistryServer, temporaryDirectory } from '@baton/testkit';
import { expect, test } from 'vitest';
import type { ImageIo } from '../types.ts';
import { exitProgram } from './elf.fixture.ts';
import { makeImage, putImage, putLayout, type TestFiles, testIo, verifyOptions } from './verify.fixture.ts';
import { verifyImage } from './verify-image.ts';

const CHILD = new URL('./smoke.fixture.ts', import.meta.url);

/** An image with busybox, whose command is a script. */
async function shellImage(script: string, config: object = {}, files: TestFiles = {}) {
  return await makeImage([
    {
      layers: [{ 'bin/busybox': await readFile('/bin/busybox'), 'bin/sh': { link: 'busybox' }, ...files }],
      config: { Entrypoint: ['/bin/sh', '-euc', script], ...config },
    },
  ]);
}

async function started(script: string, config: object = {}, files: TestFiles = {}, io: ImageIo = testIo()) {
  const image = await putLayout(await shellImage(script, config, files));
  const { checks, run } = await verifyImage(verifyOptions({ image, run: 'always' }), io);
  const check = checks.find(({ id }) => id === 'run');
  // Nothing is left behind, however it ended.
  expect(await readdir(join(io.cacheDir, 'v1', 'runs'))).toEqual([]);
  return { said: `${check?.result}: ${check?.detail}`, run };
}

test('an image that no machine like this runs is pending, and so is one without a program', async () => {
  const arm = await makeImage([{ platform: 'linux/s390x', layers: [{ x: 'x' }], config: { Entrypoint: ['/x'] } }]);
  const result = await verifyImage(verifyOptions({ image: await putLayout(arm), run: 'always' }), testIo());
  expect(result.checks.find(({ id }) => id === 'run')).toMatchObject({
    result: 'pending',
    detail: 'this machine runs none of its platforms (linux/s390x)',
  });
  expect(result.run).toBeUndefined();
});

test('without a section image.verify nothing is started unless asked for', async () => {
  const image = await putLayout(
    await makeImage([{ layers: [{ run: exitProgram() }], config: { Entrypoint: ['/run'] } }]),
  );
  const { checks } = await verifyImage(verifyOptions({ image }), testIo());
  expect(checks.map(({ id }) => id)).not.toContain('run');
});

needs('root', 'busybox').describe('unpacked, as root', () => {
  test('runs as its user, in its directory, with its environment, without network, and leaves nothing', async () => {
    const files = { 'etc/passwd': 'agent:x:1000:1001::/home/agent:/bin/sh\n', work: null };
    const config = { User: 'agent', WorkingDir: '/work', Env: ['PATH=/bin', 'A=b c'] };
    const script = 'busybox id; busybox pwd; echo "$A $HOME"; busybox grep : /proc/net/dev; echo x > /dev/null; exit 0';
    const { said, run } = await started(script, config, files);
    expect(said).toBe('passed: exit code 0');
    expect(run).toMatchObject({ how: 'unpacked, in namespaces of its own', code: 0, stderr: '', cut: false });
    expect(run?.stdout).toMatch(/^uid=1000\S* gid=1001\n\/work\nb c \/home\/agent\n *lo:[^\n]*\n$/);
  });

  test.each([
    ['another exit code', 'exit 3', 'failed: expected exit code 0, found 3'],
    ['a program that is not there', 'exec /nothing', 'failed: expected exit code 0, found 127'],
  ])('%s', async (_title, script, expected) => {
    expect((await started(script)).said).toBe(expected);
  });

  test('a lot of output is cut, and a daemon in the background does not stay', async () => {
    const { said, run } = await started(
      'busybox sleep 1000 & i=0; while [ $i -lt 3000 ]; do echo "line $i of many"; i=$((i+1)); done',
    );
    expect(said).toBe('passed: exit code 0');
    expect(run?.cut).toBe(true);
    expect(run?.stdout.length).toBeLessThanOrEqual(16 * 1024);
  });

  test('variables that would act on this machine are refused with the reason', async () => {
    expect((await started('exit 0', { Env: ['LD_PRELOAD=/x.so'] })).said).toMatch(
      /^pending: it could not be started here: no container engine at .*; it sets LD_PRELOAD, which would act on programs of this machine too$/,
    );
  });

  test('links of the image lead nowhere outside', async () => {
    const outside = temporaryDirectory('outside');
    const files = { dev: { link: outside }, tmp: { link: outside }, proc: { link: outside } };
    await started('exit 0', {}, files);
    expect(await readdir(outside)).toEqual([]);
  });

  test('what a killed run left is gone after the next one, whether that starts anything or not', async () => {
    const image = await putLayout(await shellImage('busybox sleep 1000'));
    const cache = temporaryDirectory('cache');
    const runs = join(cache, 'v1', 'runs');
    const ending = new AbortController();
    const child = runNode(CHILD, [image, cache, join(cache, 'verify.json')], { signal: ending.signal }).catch(
      () => undefined,
    );
    // It is there as soon as the image runs, and it runs until it is killed.
    for (let names: string[] = []; !names.includes('root'); ) {
      const [dir] = await readdir(runs).catch(() => []);
      names = dir === undefined ? [] : await readdir(join(runs, dir)).catch(() => []);
      await new Promise((resolve) => setImmediate(resolve));
    }
    ending.abort();
    await child;
    expect(await readdir(runs)).toHaveLength(1);
    await verifyImage(verifyOptions({ image }), testIo({ cacheDir: cache }));
    expect(await readdir(runs)).toEqual([]);
  }, 60_000);
});

needs(
  'root',
  'userns',
  'busybox',
)('unpacked by another user than root, in a user namespace', async () => {
  const image = await putLayout(
    await shellImage('busybox id; exit 0', { User: '1000' }, { closed: { mode: 0, content: Buffer.from('x') } }),
  );
  const cache = temporaryDirectory('cache');
  for (const dir of [image, cache]) await chmod(dir, 0o777);
  const ran = await runProcess({
    command: 'setpriv',
    args: [
      '--reuid=65534',
      '--regid=65534',
      '--clear-groups',
      process.execPath,
      fileURLToPath(CHILD),
      image,
      cache,
      join(cache, 'v.json'),
    ],
    env: toolEnv(),
    timeout: 60_000,
  });
  expect(ran.stdout.toString() + ran.stderr.toString()).toBe('verified passed exit code 0\n');
  expect(await readFile(join(cache, 'v.json.html'), 'utf8')).toContain(
    'unpacked, in namespaces of its own (as root of a user namespace, not as user 1000)',
  );
  expect(await readdir(join(cache, 'v1', 'runs'))).toEqual([]);
});

needs('dockerd', 'busybox').describe('in a container engine', () => {
  test('pulled by digest, or read into it; and removed again', async () => {
    const engine = await startEngine();
    const registry = await startRegistryServer();
    try {
      const image = await shellImage('echo "from $0 $1" >&2; exit 0', { Cmd: ['a', 'b'] });
      const env = { ...testIo().env, DOCKER_HOST: engine.host };
      for (const place of [await putImage(registry, image), await putLayout(image)]) {
        const { checks, run } = await verifyImage(verifyOptions({ image: place, run: 'always' }), testIo({ env }));
        expect(checks.find(({ id }) => id === 'run')).toMatchObject({ result: 'passed', detail: 'exit code 0' });
        expect(run).toMatchObject({
          how: `in the container engine at ${engine.host}`,
          stderr: 'from a b\n',
          stdout: '',
        });
        const { connectEngine } = await import('@baton/engine');
        const connected = connectEngine(env);
        const [manifest] = image.manifests;
        expect(await connected.inspect(JSON.parse(manifest?.bytes.toString() ?? '{}').config.digest)).toBeUndefined();
        connected.close();
      }
    } finally {
      await registry.stop();
      await engine.stop();
    }
  }, 120_000);
});
