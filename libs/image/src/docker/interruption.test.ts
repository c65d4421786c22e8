import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { needs, startEngine } from '@baton/testkit';
import { expect } from 'vitest';
import { buildImage } from '../build-image.ts';
import { buildOptions, type TestProject } from '../project.fixture.ts';
import { build } from '../publish.fixture.ts';
import { DOCKERFILE, dockerProject, sharedEngine, withEngine } from './docker.fixture.ts';

const test = needs('dockerd', 'busybox');
const engine = sharedEngine();

/** A Dockerfile with a step that takes `seconds`, which nothing else takes. */
const slow = (seconds: number): string =>
  DOCKERFILE.replace('USER', `RUN ["/bin/busybox", "sleep", "${seconds}"]\nUSER`);

/** Whether a step is at work: any process that sleeps for so long. */
function isAtWork(seconds: number): boolean {
  return readdirSync('/proc').some((pid) => {
    try {
      return /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(`busybox\0sleep\0${seconds}`);
    } catch {
      return false;
    }
  });
}

async function until(what: () => boolean): Promise<void> {
  const end = performance.now() + 30_000;
  while (!what()) {
    if (performance.now() > end) throw new Error('it did not come to pass within 30 s');
    await sleep(10);
  }
}

function leftBehind(p: TestProject): string[] {
  return ['dist/image/engine.json', 'dist/evidence/image.json'].filter((path) => existsSync(join(p.dir, path)));
}

for (const [protocol, seconds] of [
  ['buildkit', 98761],
  ['classic', 98762],
] as const) {
  test(`a build by ${protocol} that is interrupted ends its step and leaves nothing`, async () => {
    const host = await engine();
    const p = await dockerProject(
      host,
      { version: `1.0.${seconds}`, dockerfile: { protocol } },
      { Dockerfile: slow(seconds) },
    );
    const going = new AbortController();
    const io = { ...p.io, signal: going.signal, shutdown: going.signal };
    const building = buildImage(await p.load(), buildOptions(), io);
    building.catch(() => undefined);
    await until(() => isAtWork(seconds));
    going.abort();
    await expect(building).rejects.toMatchObject({ code: 'INTERRUPTED' });
    await until(() => !isAtWork(seconds));
    expect(leftBehind(p)).toEqual([]);
    await withEngine(host, async (client) => expect(await client.inspect(`agent:1.0.${seconds}`)).toBeUndefined());

    // The same project, without the step that takes so long.
    await p.write({ Dockerfile: DOCKERFILE });
    expect(await build(p)).toMatchObject({ unchanged: false });
  });
}

test('an engine that dies in the middle is named, and a new one builds what was left', async () => {
  const dying = await startEngine();
  const seconds = 98763;
  const p = await dockerProject(dying, { version: '1.0.0' }, { Dockerfile: slow(seconds) });
  try {
    const building = build(p);
    building.catch(() => undefined);
    await until(() => isAtWork(seconds));
    await dying.kill();
    await expect(building).rejects.toMatchObject({ code: expect.stringMatching(/^ENGINE_(UNAVAILABLE|FAILED)$/) });
    expect(leftBehind(p)).toEqual([]);
  } finally {
    await dying.stop();
  }
  await p.write({ Dockerfile: DOCKERFILE });
  p.io.env.DOCKER_HOST = (await engine()).host;
  expect(await build(p)).toMatchObject({ unchanged: false });
}, 90_000);

test('those who ask for one build at a time share it', async () => {
  const host = await engine();
  const marked = DOCKERFILE.replace('USER', 'RUN ["/bin/busybox", "sleep", "1.5"]\nUSER');
  const p = await dockerProject(host, { version: '4.0.0' }, { Dockerfile: marked });
  const loaded = await p.load();
  const results = await Promise.all(Array.from({ length: 4 }, () => buildImage(loaded, buildOptions(), p.io)));
  expect(new Set(results.map(({ index }) => index.digest)).size).toBe(1);
  // Each of them is told; the engine was asked once.
  const contexts = p.events.filter(({ type }) => type === 'context.end').length;
  expect(contexts).toBe(4);
  const sent = await withEngine(host, async (client) => await client.inspect('agent:4.0.0'));
  expect(sent?.id).toBe(results[0]?.index.digest);
  expect(results.filter(({ unchanged }) => !unchanged)).toHaveLength(4);
});
