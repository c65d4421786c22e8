import { join } from 'node:path';
import { type KillPoint, killMatrix, runNode, temporaryDirectory } from '@baton/testkit';
import { expect } from 'vitest';
import { openWorld } from './test-open.ts';

const script = join(import.meta.dirname, 'test-open-child.ts');

/**
 * Kills an opening before and after its effects: whatever is left, the same command again finishes, and there is one branch at the
 * planned commit and one pull request with its labels. Gives the effects that were tried.
 */
export async function killOpen(
  before: 'nothing' | 'an older one',
  choose?: (point: KillPoint, index: number) => boolean,
): Promise<readonly KillPoint[]> {
  const prepare = async () => {
    const world = await openWorld();
    if (before === 'an older one') {
      await world.open();
      await world.elsewhere('main', { 'later.txt': 'later\n' });
    }
    const args = [world.clone.dir, join(world.manifest, 'cutover.yaml'), temporaryDirectory('cache')];
    return { ...world, args, command: { script, args } };
  };
  return await killMatrix(
    prepare,
    async ({ forge, clone, github, args }) => {
      expect(forge.pulls.length).toBeLessThan(2);
      const again = await runNode(script, args);
      expect(again.stderr.toString()).toBe('');
      expect(again.code).toBe(0);
      const [, commit = '', number] = again.stdout.toString().trim().split(' ');
      expect(number).toBe('1');
      expect(await forge.head('cutover/pump')).toBe(commit);
      expect(await clone.git('rev-parse', 'cutover/pump')).toBe(commit);
      expect(await clone.git('rev-parse', `${commit}^`)).toBe(await forge.head('main'));
      expect(await clone.git('fsck', '--strict', '--no-dangling')).toBe('');
      expect(forge.pulls).toMatchObject([
        { state: 'open', labels: ['area/pump'], title: 'pump: the new one takes over' },
      ]);
      expect(forge.pulls[0]?.body).toContain(commit);
      await github.stop();
    },
    choose === undefined ? {} : { choose },
  );
}
