import { readFileSync } from 'node:fs';
import { chmod } from 'node:fs/promises';
import { join } from 'node:path';
import { connectEngine, type Engine } from '@baton/engine';
import { startEngine, type TestEngine } from '@baton/testkit';
import { afterAll } from 'vitest';
import { type TestProject, testProject } from '../project.fixture.ts';

/** One engine for a test file, started when it is first asked for; for tests of this folder. */
export function sharedEngine(): () => Promise<TestEngine> {
  let starting: Promise<TestEngine> | undefined;
  afterAll(async () => {
    await (await starting)?.stop();
  }, 60_000);
  return () => {
    starting ??= startEngine();
    return starting;
  };
}

/** Runs `work` with a client of an engine. */
export async function withEngine<T>(engine: TestEngine, work: (engine: Engine) => Promise<T>): Promise<T> {
  const client = connectEngine({ DOCKER_HOST: engine.host });
  try {
    return await work(client);
  } finally {
    client.close();
  }
}

/** A static program that does everything a step or a container may need here. */
export const BUSYBOX = (): Buffer => readFileSync('/bin/busybox');

/** A Dockerfile on nothing, which a container can run. */
export const DOCKERFILE = [
  'FROM scratch',
  'COPY busybox /bin/busybox',
  'COPY main.txt /app/main.txt',
  'USER 0:0',
  'ENTRYPOINT ["/bin/busybox", "cat", "/app/main.txt"]',
  '',
].join('\n');

/** A project that is built by an engine; its files are Dockerfile, busybox, main.txt. */
export async function dockerProject(
  engine: TestEngine,
  image: Record<string, unknown> = {},
  files: Record<string, string | Uint8Array> = {},
): Promise<TestProject> {
  const dockerfile = { file: 'Dockerfile', context: '.', network: 'none', ...(image.dockerfile as object | undefined) };
  const project = await testProject({ driver: 'docker', attest: [], user: '0:0', ...image, dockerfile });
  await project.write({
    '.dockerignore': '*\n!main.txt\n!busybox\n',
    Dockerfile: DOCKERFILE,
    'main.txt': 'hello\n',
    busybox: BUSYBOX(),
    ...files,
  });
  await chmod(join(project.dir, 'busybox'), 0o755);
  project.io.env.DOCKER_HOST = engine.host;
  await project.commit();
  return project;
}
