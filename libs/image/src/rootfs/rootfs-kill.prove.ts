import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { sha256 } from '@baton/kernel';
import { isShortProof, killMatrix, needs, noise, runNode, temporaryDirectory } from '@baton/testkit';
import { describe, expect } from 'vitest';
import { file, inLayout, madeImage, special } from './image.fixture.ts';
import type { RootfsResult } from './types.ts';

const script = new URL('./child.fixture.ts', import.meta.url);

/** Programs of this name that are running now. */
function running(name: string): number[] {
  return readdirSync('/proc')
    .filter((pid) => /^\d+$/.test(pid))
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/comm`, 'utf8').trim() === name;
      } catch {
        return false;
      }
    })
    .map(Number);
}

describe('killed before and after each effect', () => {
  for (const format of ['tar', 'squashfs'] as const) {
    needs('tar2sqfs')(
      `${format}: a second run finishes, and nothing of the first is left`,
      async () => {
        const layers = [[special('etc', 'directory'), file('etc/a', noise(2_000_000))], [file('b', noise(100_000, 2))]];
        const image = await inLayout(await madeImage(layers));
        const before = new Set(running('tar2sqfs'));
        const digests = new Set<string>();
        const points = await killMatrix(
          async () => {
            const cache = temporaryDirectory('cache');
            const to = join(temporaryDirectory('to'), 'root');
            return { cache, to, command: { script, args: [image, cache, format, to] } };
          },
          async ({ cache, to, command }) => {
            const second = await runNode(command.script, command.args);
            expect(second.stderr.toString()).toBe('');
            const { key, digest } = JSON.parse(second.stdout.toString()) as RootfsResult;
            digests.add(digest);
            expect(sha256(readFileSync(to))).toBe(digest);
            expect(readdirSync(join(to, '..'))).toEqual(['root']);
            expect(readdirSync(join(cache, 'v1', 'rootfs')).sort()).toEqual([`${key}.json`, `${key}.${format}`]);
            // Its input has ended with us, and so does it.
            const mine = (): number[] => running('tar2sqfs').filter((pid) => !before.has(pid));
            for (let i = 0; i < 200 && mine().length > 0; i += 1) await new Promise((done) => setTimeout(done, 20));
            expect(mine()).toEqual([]);
          },
          { choose: (_, index) => !isShortProof() || index % 4 === 0 },
        );
        expect(points.length).toBeGreaterThan(4);
        expect(digests.size).toBe(1);
      },
      600_000,
    );
  }
});
