import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isShortProof, killMatrix, needs, runNode, temporaryDirectory } from '@baton/testkit';
import { expect } from 'vitest';
import { makeImage, putLayout } from './verify.fixture.ts';

const script = new URL('./smoke.fixture.ts', import.meta.url);

needs('root', 'busybox')(
  'killed at any effect, the next run verifies and nothing is left of the one before',
  async () => {
    const busybox = await readFile('/bin/busybox');
    const image = await putLayout(
      await makeImage([{ layers: [{ 'bin/busybox': busybox }], config: { Entrypoint: ['/bin/busybox', 'true'] } }]),
    );
    const prepare = async () => {
      const cache = temporaryDirectory('cache');
      return { cache, command: { script, args: [image, cache, join(cache, 'evidence', 'verify.json')] } };
    };
    const points = await killMatrix(
      prepare,
      async ({ cache, command }) => {
        const again = await runNode(command.script, command.args);
        expect(again.stdout.toString()).toBe('verified passed exit code 0\n');
        expect(await readdir(join(cache, 'v1', 'runs'))).toEqual([]);
        expect(await readdir(join(cache, 'evidence'))).toEqual(['verify.json', 'verify.json.html']);
      },
      { choose: (_point, index) => !isShortProof() || index % 7 === 0 },
    );
    expect(points.length).toBeGreaterThan(isShortProof() ? 4 : 30);
  },
  1_800_000,
);
