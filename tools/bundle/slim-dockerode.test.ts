import { copyFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findProgram, needs, runNode, startDockerRegistry, startEngine, temporaryDirectory } from '@baton/testkit';
import type { Metafile } from 'esbuild';
import { beforeAll, describe, expect, test } from 'vitest';
import { bundleProgram } from './bundle-program.ts';

const directory = temporaryDirectory('bundle');
const program = join(directory, 'program.cjs');
let metafile: Metafile;
beforeAll(async () => {
  metafile = await bundleProgram({ entry: 'libs/engine/src/test-program.ts', outfile: program });
});

describe('a bundle with dockerode', () => {
  test('holds dockerode and its transport, and nothing of gRPC, ssh or native code', () => {
    const packages = new Set(
      Object.keys(metafile.inputs).flatMap((path) => /.*node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1] ?? []),
    );
    expect([...packages].sort()).toEqual(['@balena/dockerignore', 'docker-modem', 'dockerode', 'split-ca']);
    const [output] = Object.values(metafile.outputs);
    expect(output?.imports.filter(({ path }) => !/^(node:)?[a-z/_0-9]+$/.test(path))).toEqual([]);
    expect(output?.bytes).toBeLessThan(200_000);
  });

  test('says what is wrong when there is no engine', async () => {
    writeFileSync(join(directory, 'Dockerfile'), 'FROM scratch\n');
    const { stderr } = await runNode(program, [directory, 'x:1'], {
      cwd: directory,
      env: { DOCKER_HOST: `unix://${join(directory, 'none.sock')}` },
    });
    expect(String(stderr)).toContain('there is no socket');
  });
});

needs('dockerd', 'busybox', 'docker-registry')(
  'the bundle builds by both protocols, with a session and without, and pushes, where nothing is installed',
  async () => {
    const [engine, registry] = await Promise.all([startEngine(), startDockerRegistry()]);
    try {
      const context = temporaryDirectory('context');
      copyFileSync(findProgram('busybox') ?? '/bin/busybox', join(context, 'busybox'));
      writeFileSync(join(context, 'Dockerfile'), 'FROM scratch\nCOPY busybox /bin/sh\nRUN echo 1 >/x\n');
      const env = { DOCKER_HOST: engine.host, NODE_PATH: '' };
      for (const kind of ['classic', 'buildkit', 'session']) {
        const args = [context, `${registry.host}/${kind}:1`, kind, 'push'];
        const { code, stdout, stderr } = await runNode(program, args, { cwd: directory, env });
        expect({ code, stderr: String(stderr) }).toEqual({ code: 0, stderr: '' });
        expect(JSON.parse(String(stdout))).toMatchObject({
          id: expect.stringMatching(/^sha256:/),
          digest: expect.stringMatching(/^sha256:/),
        });
      }
    } finally {
      await engine.stop();
      await registry.stop();
    }
  },
  120_000,
);
