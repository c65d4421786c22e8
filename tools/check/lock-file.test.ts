import { expect, test } from 'vitest';
import { judgeLock, type LockEntry } from './lock-file.ts';

const tool: LockEntry = { version: '1.0.0', integrity: 'sha512-a', optionalDependencies: { 'tool-arm64': '1.0.0' } };
const native: LockEntry = { version: '1.0.0', integrity: 'sha512-b' };

test('a complete lock has no problems', () => {
  const packages = {
    '': { devDependencies: { tool: '1.0.0' } },
    'libs/own': { dependencies: { '@baton/kernel': '*' } },
    'node_modules/own': { resolved: 'libs/own', link: true },
    'node_modules/tool': tool,
    'node_modules/tool-arm64': native,
  };
  expect(judgeLock(packages)).toEqual([]);
});

test('a platform package is found where Node would find it', () => {
  const inner = { 'apps/a/node_modules/tool': tool };
  for (const place of ['apps/a/node_modules/tool/node_modules', 'apps/a/node_modules', 'node_modules']) {
    expect(judgeLock({ ...inner, [`${place}/tool-arm64`]: native })).toEqual([]);
  }
  expect(judgeLock({ ...inner, 'apps/b/node_modules/tool-arm64': native })).toHaveLength(1);
});

test.each<[string, Record<string, LockEntry>]>([
  ['lists tool-arm64, which has no entry', { 'node_modules/tool': tool }],
  ['names where it came from', { 'node_modules/a': { ...native, resolved: 'https://registry.example/a.tgz' } }],
  ['has no integrity', { 'node_modules/a': { version: '1.0.0' } }],
  ['package.json asks for a ^1.0.0: versions are exact', { '': { dependencies: { a: '^1.0.0' } } }],
  ['libs/x asks for a *: versions are exact', { 'libs/x': { devDependencies: { a: '*' } } }],
])('says that something %s', (problem, packages) => {
  expect(judgeLock(packages).join('\n')).toContain(problem);
});
