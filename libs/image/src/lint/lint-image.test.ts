import { join } from 'node:path';
import type { ProgressEvent } from '@baton/kernel';
import { loadManifest } from '@baton/manifest';
import { temporaryDirectory, writeFiles } from '@baton/testkit';
import { describe, expect, test } from 'vitest';
import { lintForBuild, lintImage, lintRefusal, tellWarnings } from './lint-image.ts';
import { projectSubject } from './lint-subject.ts';
import { PINNED } from './test-lint.ts';

async function files(contents: Record<string, string>): Promise<string> {
  const dir = temporaryDirectory('lint');
  await writeFiles(dir, contents);
  return dir;
}

const GOOD = `FROM ${PINNED}\nUSER 5\nCOPY . /app\nENTRYPOINT ["/agent"]\n`;
const MANIFEST = JSON.stringify({
  version: 1,
  name: 'agent',
  image: { driver: 'docker', user: '6', dockerfile: { file: 'docker/Agent', context: '..' } },
});

describe('which file a path means', () => {
  test('a Dockerfile, by whatever name; or the one in a directory', async () => {
    const dir = await files({ 'my.Dockerfile': GOOD, 'sub/Dockerfile': GOOD });
    for (const path of ['my.Dockerfile', 'sub', 'sub/Dockerfile']) {
      const report = await lintImage({ path: join(dir, path) });
      expect(report.findings.map(({ code }) => code)).toEqual(['copy-all']);
    }
  });

  test('the ignore file beside the context, or the one of its own name', async () => {
    const dir = await files({ a: GOOD, 'a.dockerignore': '', 'sub/b': GOOD, 'sub/.dockerignore': '' });
    for (const path of ['a', 'sub/b']) expect((await lintImage({ path: join(dir, path) })).findings).toEqual([]);
  });

  test('the one that a manifest names, held to the manifest', async () => {
    const dir = await files({ 'p/agent.yaml': MANIFEST, 'p/docker/Agent': GOOD, '.dockerignore': '' });
    for (const path of ['p', 'p/agent.yaml']) {
      const report = await lintImage({ path: join(dir, path) });
      expect(report.file).toBe(join(dir, 'p/docker/Agent'));
      expect(report.findings.map(({ code }) => code)).toEqual(['user-differs']);
    }
  });

  test.each([
    ['nothing', 'there is no .*nothing, expected a Dockerfile', 'USAGE'],
    ['empty', 'Dockerfile does not exist', 'DOCKERFILE_INVALID'],
    ['other', 'has no section image.dockerfile', 'USAGE'],
    ['gone', 'image.dockerfile.file in agent.yaml: .*Gone does not exist', 'DOCKERFILE_INVALID'],
  ])('%s', async (path, message, code) => {
    const dir = await files({
      'empty/x': '',
      'other/agent.yaml': 'version: 1\nname: a\n',
      'gone/agent.yaml': MANIFEST.replace('docker/Agent', 'Gone'),
    });
    await expect(lintImage({ path: join(dir, path) })).rejects.toMatchObject({
      code,
      message: expect.stringMatching(new RegExp(message)),
    });
  });
});

test('errors refuse, warnings only with strict', async () => {
  const dir = await files({ Dockerfile: GOOD, bad: 'FROM node\nADD a /a\nCMD a\n' });
  const warned = await lintImage({ path: dir });
  expect(lintRefusal(warned, false)).toBeUndefined();
  expect(lintRefusal(warned, true)).toMatchObject({ code: 'LINT_FAILED', exitCode: 1 });
  const refusal = lintRefusal(await lintImage({ path: join(dir, 'bad') }), false);
  expect(refusal?.message).toMatch(/bad:1:6 base-latest: node has no tag, which means latest \(and 1 more finding\)$/);
  expect(refusal?.hint).toContain('# baton: allow base-latest REASON');
});

test('before a build warnings are events, and an error refuses it', async () => {
  const dir = await files({ 'p/agent.yaml': MANIFEST, 'p/docker/Agent': GOOD.replace('USER 5', 'USER 6') });
  const events: ProgressEvent[] = [];
  const project = await loadManifest(join(dir, 'p'));
  const { report } = await lintForBuild(await projectSubject(project));
  expect(report).toMatchObject({ errors: 0, warnings: 1 });
  tellWarnings(report, (event) => void events.push(event));
  expect(events).toMatchObject([{ type: 'warn', data: { code: 'copy-all', line: 3 } }]);
  expect(events[0]?.label).toMatch(/^docker\/Agent:3:6 copy-all: this copies the whole context/);
  await writeFiles(dir, { 'p/docker/Agent': GOOD });
  await expect(lintForBuild(await projectSubject(project))).rejects.toMatchObject({ code: 'LINT_FAILED' });
});
