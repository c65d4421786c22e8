import { join } from 'node:path';
import { temporaryDirectory, writeFiles } from '@baton/testkit';
import { expect, test } from 'vitest';
import { document, runBaton } from '../test-baton.ts';

const PINNED = `registry.example/base:1@sha256:${'a'.repeat(64)}`;

async function lint(files: Record<string, string>, ...args: string[]) {
  const dir = temporaryDirectory('lint');
  await writeFiles(dir, files);
  return await runBaton(['image', 'lint', ...args], { cwd: dir, env: { BATON_CACHE_DIR: join(dir, 'cache') } });
}

test('errors are shown where they are, and decide the exit code', async () => {
  const ran = await lint({ Dockerfile: `FROM node\nADD a /a\nENTRYPOINT ["/a"]\n` });
  expect(ran.code).toBe(1);
  expect(ran.stdout).toBe(
    [
      'Dockerfile:1:6  error  base-latest  node has no tag, which means latest',
      '  1 | FROM node',
      '    |      ^^^^',
      '  hint: Name a version and its digest: name:1.2.3@sha256:...; "baton image inspect name:1.2.3" prints the digest.',
      '',
      'Dockerfile:2:1  warning  add-local  ADD unpacks archives and fetches addresses; here it only copies',
      '  2 | ADD a /a',
      '    | ^^^',
      '  hint: Write COPY.',
      '',
      'Dockerfile: 1 error, 1 warning',
      '',
    ].join('\n'),
  );
  expect(ran.stderr).toMatch(/^error LINT_FAILED: Dockerfile:1:6 base-latest: node has no tag/);
});

test('warnings fail with --strict only', async () => {
  const files = { Dockerfile: `FROM ${PINNED}\nADD a /a\nENTRYPOINT ["/a"]\n` };
  expect(await lint(files)).toMatchObject({ code: 0, stderr: '' });
  expect(await lint(files, '--strict')).toMatchObject({ code: 1 });
});

test('--json has everything, and no secret', async () => {
  const files = { 'd/my.Dockerfile': `FROM ${PINNED}\nENV API_TOKEN=hunter2hunter2\nENTRYPOINT ["/a"]\n` };
  const ran = await lint(files, 'd/my.Dockerfile', '--json');
  expect(document(ran)).toMatchObject({
    ok: false,
    error: { code: 'LINT_FAILED' },
    result: {
      file: 'd/my.Dockerfile',
      errors: 1,
      findings: [{ code: 'secret-in-image', line: 2, column: 5, excerpt: 'ENV API_TOKEN=***' }],
    },
  });
  expect(ran.stdout + ran.stderr).not.toContain('hunter2');
});

test('what is no Dockerfile is a wrong argument', async () => {
  expect(await lint({ Dockerfile: '' })).toMatchObject({ code: 2, stdout: '' });
  expect(await lint({}, 'nothing')).toMatchObject({ code: 2, stdout: '' });
});
