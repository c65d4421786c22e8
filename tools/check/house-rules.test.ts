import { temporaryDirectory, writeFiles } from '@baton/testkit';
import { expect, test } from 'vitest';
import { houseRules, judgeFile } from './house-rules.ts';

test.each([
  ['docs/a.md', `see https://registry.${'npm'}js.org/zod`, 'package registry'],
  ['docs/a.md', `deb http://deb.${'debian'}.org/debian bookworm main`, 'package registry'],
  ['libs/a/src/b.ts', `const dir = '/${'work'}/main/libs';`, 'some machine'],
  ['.ci/run', 'cd /root/.cache', 'some machine'],
  ['libs/a/src/b.ts', '// TODO: later', 'finish it'],
  ['libs/a/src/b.ts', '// @ts-ignore', 'types'],
  ['libs/a/src/b.ts', 'const a = b as unknown as C;', 'cast'],
  ['libs/a/src/b.ts', "import { z } from 'zod';", 'named import'],
  ['libs/a/src/b.test.ts', "test.skip('later', () => undefined);", 'needs()'],
  ['libs/a/src/b.test.ts', "describe.only('mine', () => undefined);", 'needs()'],
  ['libs/a/src/b.ts', 'const a = 1;\n'.repeat(301), '301 lines'],
  ['libs/a/src/b.test.ts', 'const a = 1;\n'.repeat(501), '501 lines'],
  ['libs/a/src/camelCase.ts', '', 'kebab-case'],
])('%s with %j is a problem', (path, text, reason) => {
  expect(judgeFile(path, text).join('\n')).toContain(reason);
});

test.each([
  ['docs/a.md', 'a registry such as ghcr.io or docker.io; a TODOs list is fine, /workspace too'],
  ['libs/a/src/b.ts', "import * as z from 'zod';\nconst entry = '/app/work';"],
  ['libs/a/src/b-c.test.ts', "test('the only one', () => undefined);"],
  ['libs/a/src/b.ts', 'const a = 1;\n'.repeat(300)],
  ['vitest.config.ts', ''],
  ['.dependency-cruiser.mjs', ''],
])('%s is fine', (path, text) => {
  expect(judgeFile(path, text)).toEqual([]);
});

test('looks at the files of the repository, and not at what is installed or made', async () => {
  const root = temporaryDirectory();
  const bad = '// FIXME';
  await writeFiles(root, {
    'a/b.ts': bad,
    'node_modules/x/c.ts': bad,
    'a/dist/d.ts': bad,
    '.git/e.ts': bad,
    '.ci/run': 'ok',
  });
  const { summary, problems } = await houseRules.run(root, false);
  expect(problems).toEqual(['a/b.ts:1: finish it, or open an issue']);
  expect(summary).toBe('2 files');
});
