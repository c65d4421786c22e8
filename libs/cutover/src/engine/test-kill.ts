import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { runProcess, toolEnv } from '@baton/kernel';
import { type KillPoint, killMatrix, runNode, temporaryDirectory } from '@baton/testkit';
import { build } from 'esbuild';
import { expect } from 'vitest';
import { situation } from './test-cutover.ts';

// In one file it starts four times as fast, and a matrix starts it hundreds of times.
async function bundledChild(): Promise<string> {
  const outfile = join(temporaryDirectory('child'), 'child.mjs');
  await build({
    entryPoints: [join(import.meta.dirname, 'test-apply-child.ts')],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    logLevel: 'error',
    banner: { js: "import { createRequire as r } from 'node:module'; const require = r(import.meta.url);" },
  });
  return outfile;
}

/**
 * Kills an apply before and after its effects: whatever is left, the repository is sound and at the old or the new commit, and the
 * same command again completes. Gives the number of points, and the commits that were seen.
 */
export async function killApply(
  mode: 'branch' | 'checkout',
  choose?: (point: KillPoint, index: number) => boolean,
): Promise<{ points: number; seen: ReadonlySet<string> }> {
  const script = await bundledChild();
  const seen = new Set<string>();
  const prepare = async () => {
    const made = await situation();
    await made.store.close();
    const { dir } = made.cutover;
    const before = await made.repository.git('rev-parse', 'HEAD');
    const args = [made.repository.dir, join(dir ?? '', 'cutover.yaml'), mode];
    return { ...made, before, args, command: { script, args } };
  };
  const points = await killMatrix(
    prepare,
    async ({ repository: { dir, git }, before, args }) => {
      const ref = mode === 'branch' ? 'refs/heads/cutover/pump' : 'refs/heads/main';
      const at = await git('for-each-ref', '--format=%(objectname)', ref);
      seen.add(at === '' || at === before ? 'old' : 'new');
      expect(await git('fsck', '--strict', '--no-dangling')).toBe('');
      expect(await git('for-each-ref', '--format=%(refname)')).toMatch(
        /^(refs\/heads\/cutover\/pump\n)?refs\/heads\/main$/,
      );
      const again = await runNode(script, args);
      expect(again.stderr.toString()).toBe('');
      expect(again.code).toBe(0);
      const commit = again.stdout.toString().trim().split(' ')[1];
      expect(await git('rev-parse', ref)).toBe(commit);
      expect(await git('rev-parse', `${commit}^`)).toBe(before);
      expect(await status(dir)).toBe('');
      for (const lock of ['index.lock', 'HEAD.lock', `${ref}.lock`])
        expect(existsSync(join(dir, '.git', lock))).toBe(false);
      expect(await git('worktree', 'list', '--porcelain')).not.toContain('prunable');
    },
    choose === undefined ? {} : { choose },
  );
  return { points: points.length, seen };
}

async function status(dir: string): Promise<string> {
  const { stdout } = await runProcess({
    command: 'git',
    args: ['-C', dir, 'status', '--porcelain', '--untracked-files=all'],
    env: toolEnv({ GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1' }),
  });
  return stdout.toString();
}
