import { temporaryDirectory, temporaryRepository } from '@baton/testkit';
import { describe, expect, it } from 'vitest';
import { askGit, gitFailed, runGit } from './run-git.ts';

const NO_OUTPUT = { signal: null, stdout: Buffer.alloc(0) };

describe('runGit', () => {
  it('gives exit codes as they are', async () => {
    const { dir } = await temporaryRepository({ a: 'a' });
    expect((await runGit(dir, ['rev-parse', 'HEAD'])).code).toBe(0);
    expect((await runGit(dir, ['rev-parse', '--verify', '--quiet', 'absent'])).code).toBe(1);
  });

  it('knows only the configuration of the repository, and its own', async () => {
    const { dir } = await temporaryRepository({ a: 'a' });
    const listed = (await askGit(dir, ['config', '--list', '--show-scope'])).toString();
    const scopes = new Set(listed.split('\n').flatMap((line) => line.split('\t')[0] || []));
    expect([...scopes].sort()).toEqual(['command', 'local']);
  });
});

describe('askGit', () => {
  it('gives the output, or throws with what git said', async () => {
    const { dir } = await temporaryRepository({ a: 'a' });
    expect((await askGit(dir, ['cat-file', 'blob', 'HEAD:a'])).toString()).toBe('a');
    await expect(askGit(dir, ['cat-file', 'blob', 'HEAD:b'])).rejects.toMatchObject({
      code: 'GIT_FAILED',
      message: expect.stringMatching(/^git cat-file in .+ failed: path 'b' does not exist in 'HEAD'$/),
      details: { arguments: ['cat-file', 'blob', 'HEAD:b'], code: 128 },
    });
  });
});

describe('gitFailed', () => {
  const dir = temporaryDirectory('git');

  it('says how it ended when git said nothing', () => {
    expect(gitFailed(dir, ['log'], { ...NO_OUTPUT, code: 3, stderr: Buffer.alloc(0) }).message).toBe(
      `git log in ${dir} failed: exit code 3`,
    );
    expect(
      gitFailed(dir, ['log'], { ...NO_OUTPUT, code: null, signal: 'SIGKILL', stderr: Buffer.alloc(0) }).message,
    ).toBe(`git log in ${dir} failed: signal SIGKILL`);
  });

  it('takes the line that says why, not the warnings before it', () => {
    const stderr = Buffer.from('warning: something\nfatal: the reason\nmore\n');
    expect(gitFailed(dir, ['log'], { ...NO_OUTPUT, code: 128, stderr }).message).toBe(
      `git log in ${dir} failed: the reason`,
    );
  });

  it("helps when an old git refuses another user's repository", () => {
    const stderr = Buffer.from("fatal: detected dubious ownership in repository at '/x'\n");
    expect(gitFailed(dir, ['log'], { ...NO_OUTPUT, code: 128, stderr }).hint).toContain('update git to 2.38 or newer');
  });
});
