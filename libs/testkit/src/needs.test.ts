import { symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runProcess, toolEnv } from '@baton/kernel';
import { describe, expect, test } from 'vitest';
import { isRequired, missingNeed, NEEDS, needs, temporaryDirectory, writeFiles } from './index.ts';

const modules = fileURLToPath(new URL('../../../node_modules', import.meta.url));

/** Runs a test file that needs skopeo, in a vitest of its own whose PATH has no program. */
async function runWithoutPrograms(require: string): Promise<{ code: number | null; report: string }> {
  const directory = temporaryDirectory('needs');
  await symlink(modules, join(directory, 'node_modules'));
  await writeFiles(directory, {
    'sample.test.ts': `import { expect, test as plain } from 'vitest';
      import { needs } from '@baton/testkit';
      const test = needs('skopeo');
      plain('always runs', () => expect(1).toBe(1));
      test('copies an image', () => expect(1).toBe(1));
      test.describe('a group', () => { plain('inside', () => expect(1).toBe(1)); });`,
  });
  const result = await runProcess({
    command: process.execPath,
    args: [join(modules, 'vitest', 'vitest.mjs'), 'run', '--root', directory, '--reporter=verbose'],
    cwd: directory,
    env: toolEnv({ PATH: directory, BATON_REQUIRE: require, NO_COLOR: '1' }),
    timeout: 60_000,
  });
  return { code: result.code, report: result.stdout.toString('utf8') + result.stderr.toString('utf8') };
}

describe('needs', () => {
  test('skips with the reason in the title where the need is missing', async () => {
    const { code, report } = await runWithoutPrograms('');
    expect(report).toContain('copies an image (needs skopeo: no "skopeo" on the PATH)');
    expect(report).toContain('a group > needs skopeo: no "skopeo" on the PATH');
    expect(report).toMatch(/1 passed \| 2 skipped/);
    expect(code).toBe(0);
  });

  test('fails where BATON_REQUIRE names the missing need', async () => {
    const { code, report } = await runWithoutPrograms('umoci, skopeo');
    expect(report).toContain('needs skopeo: no "skopeo" on the PATH (BATON_REQUIRE asks for it)');
    expect(report).toMatch(/2 failed \| 1 passed/);
    expect(code).toBe(1);
  });

  test('skips when BATON_REQUIRE names other needs only', async () => {
    expect((await runWithoutPrograms('umoci')).code).toBe(0);
  });

  const present = NEEDS.find((name) => missingNeed(name) === undefined);
  if (present !== undefined) {
    const withNeed = needs(present);
    let ran = 0;
    withNeed('runs the test where the need is met', () => {
      ran += 1;
      expect(withNeed.reason).toBeUndefined();
    });
    test('and it did run', () => expect(ran).toBe(1));
  }
});

describe('isRequired', () => {
  test('reads names joined by commas, and "all"', () => {
    expect(isRequired('root', { BATON_REQUIRE: 'engine, root' })).toBe(true);
    expect(isRequired('root', { BATON_REQUIRE: 'rootless' })).toBe(false);
    expect(isRequired('root', { BATON_REQUIRE: 'all' })).toBe(true);
    expect(isRequired('root', {})).toBe(false);
  });
});
