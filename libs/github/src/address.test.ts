import { expect, test } from 'vitest';
import { forgeAddress, parseRepository } from './address.ts';

test.each([
  ['https://github.com/acme/pump.git', 'acme/pump', 'https://api.github.com'],
  ['https://github.com/acme/pump', 'acme/pump', 'https://api.github.com'],
  ['https://someone@github.com/acme/pump/', 'acme/pump', 'https://api.github.com'],
  ['git@github.com:acme/pump.git', 'acme/pump', 'https://api.github.com'],
  ['github.com:acme/pump.git', 'acme/pump', 'https://api.github.com'],
  ['ssh://git@ssh.github.com:443/acme/pump.git', 'acme/pump', 'https://api.github.com'],
  ['ssh://git@git.example.org:2222/acme/p.u_m-p.git', 'acme/p.u_m-p', 'https://git.example.org/api/v3'],
  ['git@git.Example.org:acme/pump', 'acme/pump', 'https://git.example.org/api/v3'],
  ['https://git.example.org:8443/acme/pump.git', 'acme/pump', 'https://git.example.org:8443/api/v3'],
  ['http://127.0.0.1:4000/acme/pump.git', 'acme/pump', 'http://127.0.0.1:4000/api/v3'],
  ['https://corp.ghe.com/acme/pump.git', 'acme/pump', 'https://api.corp.ghe.com'],
])('%s is %s at %s', (remote, repository, api) => {
  expect(forgeAddress(remote)).toMatchObject({ repository, api });
});

test.each([
  '/srv/git/pump.git',
  '../pump',
  'file:///srv/acme/pump.git',
  'https://github.com/acme',
  'https://github.com/acme/pump/tree/main',
  'git@github.com:pump.git',
  'C:\\git\\pump',
  'https://github.com/acme/..',
  'https://github.com/acme/pu%2Fmp',
  'ext::sh -c true',
  '',
])('%j is no repository on a forge', (remote) => {
  expect(forgeAddress(remote)).toBeUndefined();
});

test('a repository is owner and name', () => {
  expect(parseRepository('acme/pump')).toEqual({ owner: 'acme', repo: 'pump' });
  for (const text of ['acme', 'acme/', '/pump', 'a/b/c', 'acme/pu mp', 'acme/..', '']) {
    expect(() => parseRepository(text)).toThrow(expect.objectContaining({ code: 'USAGE' }));
  }
});
