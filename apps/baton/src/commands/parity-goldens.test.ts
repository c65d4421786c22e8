import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { needs, temporaryDirectory, writeFiles } from '@baton/testkit';
import { describe, expect, test } from 'vitest';
import { document, pictureOf, runBaton } from '../test-baton.ts';

const AGENT = `#!/bin/sh
echo "hello $*"
date -u +%Y-%m-%dT%H:%M:%S
mkdir -p /t/root/etc
printf 'x\\tr\\351' > /t/root/etc/made
exit 3
`;
const scenario = (id: string): string =>
  `apiVersion: parity/v1\nid: ${id}\nwhy: says hello\nruns:\n  - argv: [apply, "{root}"]\n`;

async function project(): Promise<string> {
  const dir = temporaryDirectory('parity-goldens');
  await writeFiles(dir, {
    'agent.yaml': 'version: 1\nname: agent\nparity:\n  record: { command: [/bin/sh, agent.sh] }\n',
    'agent.sh': AGENT,
    'parity/scenarios/suite.yaml': 'apiVersion: parity/v1\nenv: { PATH: /bin }\ntokens: [iso-local]\n',
    'parity/scenarios/a/one.yaml': scenario('a/one'),
    'parity/scenarios/a/two.yaml': scenario('a/two'),
  });
  return dir;
}

// Tests run in CI as well, and there goldens are not written.
const env = { CI: '', GITHUB_ACTIONS: '' };

needs('root', 'busybox').describe('baton parity record', () => {
  test('records a live program, writes nothing the second time, and refuses a noisy one', async () => {
    const dir = await project();
    const first = await runBaton(['parity', 'record', dir], { env });
    expect(first).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/run twice\n {2}new {6}a\/one\n {2}new {6}a\/two\n2 goldens: 2 new\n$/),
    });
    expect(await readFile(join(dir, 'parity/goldens/a/one/run1-stdout.esc'), 'utf8')).toBe(
      'hello apply /t/root\n\\{iso-local:1}\n',
    );
    expect(await readFile(join(dir, 'parity/goldens/a/one/host+etc+made.esc'), 'utf8')).toBe('x\\tr\\xe9\\c\n');
    expect(await readFile(join(dir, 'parity/goldens/a/one/manifest.json'), 'utf8')).not.toContain(dir);
    const before = pictureOf(join(dir, 'parity'));
    expect(await runBaton(['parity', 'record', dir], { env })).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('2 unchanged'),
    });
    expect(await runBaton(['parity', 'check', dir], { env })).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('2 recorded'),
    });
    await writeFile(join(dir, 'agent.sh'), '#!/bin/sh\nhead -c 8 /proc/sys/kernel/random/uuid\n');
    const noisy = await runBaton(['parity', 'record', dir, '--json'], { env });
    expect(noisy.code).toBe(4);
    expect(document(noisy).error).toMatchObject({
      code: 'GOLDEN_NOISY',
      message: expect.stringContaining('run1/stdout'),
    });
    expect(pictureOf(join(dir, 'parity'))).toEqual(before);
    expect(await readdir(join(dir, 'dist'))).toEqual([]);
  });
});

describe('baton parity check, accept and prune', () => {
  test('a check tells every problem and ends with 5', async () => {
    const dir = await project();
    await rm(join(dir, 'parity/scenarios/a/two.yaml'));
    await writeFiles(dir, {
      'parity/goldens/a/one/manifest.json': 'version https://git-lfs.github.com/spec/v1\n',
      'parity/goldens/b/manifest.json': '{}\n',
    });
    const ran = await runBaton(['parity', 'check', dir], { env });
    expect(ran.code).toBe(5);
    expect(ran.stdout).toContain('1 scenario, 2 goldens: 2 problems');
    expect(ran.stdout).toContain('  GOLDEN_LFS_POINTER: a/one/manifest.json is a Git LFS pointer');
    expect(ran.stdout).toContain('  GOLDEN_OBSOLETE: the golden b has no scenario');
    expect(ran.stderr).toContain('GOLDEN_LFS_POINTER');
  });

  test.each([['record'], ['accept', '--all', '--because', 'x'], ['prune']])('%s is refused in CI', async (...args) => {
    const dir = await project();
    const before = pictureOf(dir);
    const [verb = '', ...rest] = args;
    const ran = await runBaton(['parity', verb, dir, ...rest], { env: { CI: '', GITHUB_ACTIONS: 'true' } });
    expect(ran).toMatchObject({ code: 2, stderr: expect.stringContaining('GOLDEN_READ_ONLY') });
    expect(pictureOf(dir)).toEqual(before);
  });

  test('nothing is accepted without a run, and all of it only with a reason', async () => {
    const dir = await project();
    const none = await runBaton(['parity', 'accept', dir, '--only', 'a/one'], { env });
    expect(none).toMatchObject({ code: 1, stderr: expect.stringContaining('EVIDENCE_MISSING') });
    const silent = await runBaton(['parity', 'accept', dir, '--all'], { env });
    expect(silent).toMatchObject({ code: 2, stderr: expect.stringContaining('--because') });
  });
});
