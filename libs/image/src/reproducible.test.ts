import { cpSync, readdirSync, readFileSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { runNode, temporaryDirectory } from '@baton/testkit';
import { expect, test } from 'vitest';
import { baseLayout, type TestProject, TWO_PLATFORMS, testProject } from './project.fixture.ts';
import type { BuildResult } from './types.ts';

const SETTINGS = [
  { umask: '022', env: { TZ: 'UTC', LC_ALL: 'C' } },
  { umask: '077', env: { TZ: 'Asia/Kathmandu', LC_ALL: 'de_DE.UTF-8', LANG: 'tr_TR.UTF-8' } },
  { umask: '002', env: { TZ: 'America/Los_Angeles', LC_ALL: 'C.UTF-8', HOME: '/nowhere' } },
];

async function buildIn(dir: string, setting: (typeof SETTINGS)[number]): Promise<BuildResult> {
  const cache = temporaryDirectory('cache');
  const script = new URL('./child.fixture.ts', import.meta.url);
  const child = await runNode(script, [dir, cache, setting.umask], { env: setting.env });
  expect(child.stderr.toString()).toBe('');
  return JSON.parse(child.stdout.toString()) as BuildResult;
}

function outputs(project: string): Map<string, string> {
  const found = new Map<string, string>();
  for (const part of ['dist/image', 'dist/evidence']) {
    for (const entry of readdirSync(join(project, part), { recursive: true, withFileTypes: true })) {
      const path = join(entry.parentPath, entry.name);
      if (entry.isFile()) found.set(path.slice(project.length), readFileSync(path).toString('base64'));
    }
  }
  return found;
}

async function prepared(): Promise<TestProject> {
  const project = await testProject({ ...TWO_PLATFORMS, base: { layout: '../base/dist/image' } });
  await project.write({ 'files/shared/ümläut/Σ.txt': 'names', 'files/shared/a b/Z': 'z', 'files/shared/a b/a': 'a' });
  await baseLayout(join(project.dir, '../base/dist/image'));
  await project.commit();
  return project;
}

test('the same inputs give the same bytes in another place, zone, locale and umask', async () => {
  const project = await prepared();
  const results: { result: BuildResult; files: Map<string, string> }[] = [];
  for (const setting of SETTINGS) {
    // Another clone: other path, other inodes, other times.
    const clone = join(temporaryDirectory('clone'), 'elsewhere');
    cpSync(project.repository.dir, clone, { recursive: true });
    for (const entry of readdirSync(clone, { recursive: true, withFileTypes: true })) {
      if (!entry.parentPath.includes('.git')) utimesSync(join(entry.parentPath, entry.name), new Date(), new Date());
    }
    const dir = join(clone, 'apps/agent');
    results.push({ result: await buildIn(dir, setting), files: outputs(dir) });
  }
  const [first, ...others] = results;
  expect(first?.files.size).toBe(3 + 2 + 2 + 1 + 2 + 1);
  for (const other of others) {
    expect(other.result.index).toEqual(first?.result.index);
    expect(other.files).toEqual(first?.files);
  }
});

test('several processes that build one project at once end in one whole image', async () => {
  const project = await prepared();
  const cache = temporaryDirectory('cache');
  const script = new URL('./child.fixture.ts', import.meta.url);
  const children = await Promise.all([1, 2, 3].map(() => runNode(script, [project.dir, cache, '022'])));
  const results = children.map((child) => {
    expect(child.stderr.toString()).toBe('');
    return JSON.parse(child.stdout.toString()) as BuildResult;
  });
  expect(new Set(results.map(({ index }) => index.digest)).size).toBe(1);
  const again = await buildIn(project.dir, SETTINGS[0] ?? { umask: '022', env: { TZ: 'UTC', LC_ALL: 'C' } });
  expect(again.index).toEqual(results[0]?.index);
});
