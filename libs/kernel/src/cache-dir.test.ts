import { homedir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { cacheDir } from './cache-dir.ts';

const inHome = process.platform === 'darwin' ? ['Library', 'Caches', 'baton'] : ['.cache', 'baton'];

test('BATON_CACHE_DIR comes first and is made absolute', () => {
  expect(cacheDir({ BATON_CACHE_DIR: '/var/baton', XDG_CACHE_HOME: '/xdg', HOME: '/home/ada' })).toBe('/var/baton');
  expect(cacheDir({ BATON_CACHE_DIR: 'here' })).toBe(join(process.cwd(), 'here'));
});

test('XDG_CACHE_HOME comes second, when it is absolute', () => {
  expect(cacheDir({ XDG_CACHE_HOME: '/xdg', HOME: '/home/ada' })).toBe('/xdg/baton');
  expect(cacheDir({ XDG_CACHE_HOME: 'relative', HOME: '/home/ada' })).toBe(join('/home/ada', ...inHome));
});

test('empty variables count as unset', () => {
  expect(cacheDir({ BATON_CACHE_DIR: '', XDG_CACHE_HOME: '', HOME: '/home/ada' })).toBe(join('/home/ada', ...inHome));
});

test('without a home in the environment it is the one of the user', () => {
  expect(cacheDir({})).toBe(join(homedir(), ...inHome));
});
