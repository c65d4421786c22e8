import { chmod, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { expect, test } from 'vitest';
import { findProgram, missingNeed, temporaryDirectory } from './index.ts';

test('finds the first executable of that name on the PATH', async () => {
  const one = temporaryDirectory();
  const two = temporaryDirectory();
  await writeFile(join(one, 'tool'), '');
  await writeFile(join(two, 'tool'), '');
  await chmod(join(two, 'tool'), 0o755);
  const path = process.env.PATH;
  process.env.PATH = [join(one, 'absent'), one, two].join(delimiter);
  const found = findProgram('tool');
  const absent = findProgram('other-tool');
  process.env.PATH = path;
  expect(found).toBe(join(two, 'tool'));
  expect(absent).toBeUndefined();
});

test('knows whether this is root', () => {
  expect(missingNeed('root')).toBe(process.getuid?.() === 0 ? undefined : 'not running as root');
});
