import { temporaryDirectory, writeFiles } from '@baton/testkit';
import { expect, test } from 'vitest';
import { firstCopy } from './one-copy.ts';

test('a file of a package is that of the first copy with the same version', async () => {
  const root = temporaryDirectory('copies');
  const copy = (at: string, name: string, version: string): Record<string, string> => ({
    [`${at}node_modules/${name}/package.json`]: JSON.stringify({ name, version }),
  });
  await writeFiles(root, {
    ...copy('', 'yaml', '2.9.0'),
    ...copy('', '@scope/x', '1.0.0'),
    ...copy('libs/b/', 'yaml', '2.9.1'),
    ...copy('libs/a/', 'yaml', '2.9.1'),
    ...copy('libs/c/', '@scope/x', '1.0.0'),
    ...copy('libs/c/', 'alone', '1.0.0'),
  });
  const at = (file: string): string => firstCopy(`${root}/${file}`, root).slice(root.length + 1);
  expect(at('libs/b/node_modules/yaml/dist/index.js')).toBe('libs/a/node_modules/yaml/dist/index.js');
  expect(at('libs/a/node_modules/yaml/dist/index.js')).toBe('libs/a/node_modules/yaml/dist/index.js');
  expect(at('node_modules/yaml/dist/index.js')).toBe('node_modules/yaml/dist/index.js');
  expect(at('libs/c/node_modules/@scope/x/lib/y.js')).toBe('node_modules/@scope/x/lib/y.js');
  expect(at('libs/c/node_modules/alone/i.js')).toBe('libs/c/node_modules/alone/i.js');
  expect(at('libs/a/src/x.ts')).toBe('libs/a/src/x.ts');
  expect(firstCopy('/elsewhere/node_modules/yaml/i.js', root)).toBe('/elsewhere/node_modules/yaml/i.js');
});
