import { temporaryRepository } from '@baton/testkit';
import { expect, test } from 'vitest';
import { remoteUrl } from './remote-url.ts';

test('a remote by its name, with what the repository says of addresses; an address is its own', async () => {
  const { dir, git } = await temporaryRepository({ a: 'a' });
  await git('remote', 'add', 'up/stream', 'short:acme/pump.git');
  await git('config', 'url.https://git.example.org/.insteadOf', 'short:');
  expect(await remoteUrl(dir, 'up/stream')).toBe('https://git.example.org/acme/pump.git');
  expect(await remoteUrl(dir, 'git@git.example.org:acme/pump')).toBe('git@git.example.org:acme/pump');
  expect(await remoteUrl(dir, '/srv/git/pump.git')).toBe('/srv/git/pump.git');
});

test('what is neither is told, with what there is', async () => {
  const { dir, git } = await temporaryRepository({ a: 'a' });
  await expect(remoteUrl(dir, 'origin')).rejects.toMatchObject({
    code: 'USAGE',
    hint: expect.stringContaining('no remotes'),
  });
  await git('remote', 'add', 'upstream', 'https://git.example.org/acme/pump');
  for (const name of ['origin', '--upload-pack=x', '']) {
    await expect(remoteUrl(dir, name)).rejects.toMatchObject({
      code: 'USAGE',
      hint: expect.stringContaining('upstream'),
    });
  }
});
