import { existsSync, readdirSync, rmSync, statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import { pluginPackage } from './artefacts.ts';
import { agent, builtDigest, type NxWorkspace, nxWorkspace } from './nx-workspace.ts';

const AGENTS = Array.from({ length: 50 }, (_, index) => `a${String(index).padStart(2, '0')}`);
// Every second agent copies the one library, every other the other.
const library = (index: number): string => (index % 2 === 0 ? 'even' : 'odd');

// Bounds for hanging, not for speed.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

let plugin: string;

beforeAll(async () => {
  plugin = await pluginPackage();
});

function bytesBelow(directory: string): number {
  const entries = readdirSync(directory, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0);
}

/** How many tasks of a run came out of the cache: `[hits, tasks]`. */
function hits(output: string): [number, number] {
  const found = /Nx read the output from the cache instead of running the command for (\d+) out of (\d+) tasks/.exec(
    output,
  );
  return [Number(found?.[1] ?? 0), Number(found?.[2] ?? 0)];
}

describe('fifty agents on one base', () => {
  const BASE_BYTES = 3_000_000;
  let workspace: NxWorkspace;
  let digests: Map<string, string>;

  beforeAll(async () => {
    const files: Record<string, string> = {
      'libs/even/lib.txt': 'even',
      'libs/odd/lib.txt': 'odd',
      'base/agent.yaml': agent(
        'base',
        'image:\n  layers: [{ from: files, to: /base, compression: { algorithm: none } }]\n',
      ),
      'base/files/big': 'b'.repeat(BASE_BYTES),
    };
    for (const lib of ['even', 'odd']) files[`libs/${lib}/project.json`] = `{ "name": "${lib}" }`;
    for (const [index, name] of AGENTS.entries()) {
      const layers = `[{ from: files, to: /app }, { from: ../../libs/${library(index)}/lib.txt, to: /lib.txt }]`;
      files[`agents/${name}/agent.yaml`] = agent(
        name,
        `image:\n  base: { layout: ../../base/dist/image }\n  layers: ${layers}\n`,
      );
      files[`agents/${name}/files/name`] = name;
    }
    workspace = await nxWorkspace(plugin, files);
  });

  const all = ['run-many', '-t', 'image', '--output-style=static'];
  const readAll = (): Map<string, string> =>
    new Map(AGENTS.map((name) => [name, builtDigest(join(workspace.dir, `agents/${name}`))]));

  test('are built by one worker, the base first', async () => {
    const { code, output } = await workspace.nx(all);
    expect(output).toContain('Running 51 tasks with @baton/nx:image');
    expect(code).toBe(0);
    digests = readAll();
    expect(new Set(digests.values()).size).toBe(50);
  });

  test('are cached by their own blobs: the base is stored once', () => {
    expect(bytesBelow(join(workspace.caches, 'nx'))).toBeLessThan(2 * BASE_BYTES);
    const blobs = join(workspace.dir, 'agents/a00/dist/image/blobs/sha256');
    expect(bytesBelow(blobs)).toBeLessThan(20_000);
  });

  test('are not built again when nothing changed, nor when something else did', async () => {
    await workspace.commit('unrelated', {
      'README.md': 'hello',
      'libs/even/project.json': '{ "name": "even", "tags": [] }',
    });
    const { code, output } = await workspace.nx(all);
    expect([code, hits(output)]).toEqual([0, [51, 51]]);
  });

  test('come back out of the cache, whole', async () => {
    for (const root of ['base', ...AGENTS.map((name) => `agents/${name}`)])
      rmSync(join(workspace.dir, root, 'dist'), { recursive: true });
    const { code, output } = await workspace.nx(all);
    expect([code, hits(output)]).toEqual([0, [51, 51]]);
    expect(readAll()).toEqual(digests);
    expect(existsSync(join(workspace.dir, 'agents/a00/dist/evidence/image.json'))).toBe(true);
  });

  test('restoring one leaves alone what lies beside it', async () => {
    await workspace.write({ 'agents/a00/dist/evidence/parity.json': '{}', 'agents/a00/dist/bundle/x': 'x' });
    rmSync(join(workspace.dir, 'agents/a00/dist/image'), { recursive: true });
    expect((await workspace.nx(['run', 'a00:image'])).code).toBe(0);
    expect(builtDigest(join(workspace.dir, 'agents/a00'))).toBe(digests.get('a00'));
    expect(existsSync(join(workspace.dir, 'agents/a00/dist/evidence/parity.json'))).toBe(true);
    expect(existsSync(join(workspace.dir, 'agents/a00/dist/bundle/x'))).toBe(true);
  });

  test('a changed library builds those that hold it, and only those', async () => {
    await workspace.commit('odd', { 'libs/odd/lib.txt': 'odd, changed' });
    const { code, output } = await workspace.nx(all);
    expect([code, hits(output)]).toEqual([0, [26, 51]]);
    const now = readAll();
    for (const [index, name] of AGENTS.entries()) {
      if (library(index) === 'odd') expect(now.get(name)).not.toBe(digests.get(name));
      else expect(now.get(name)).toBe(digests.get(name));
    }
    const { output: affected } = await workspace.nx([
      'show',
      'projects',
      '--affected',
      '--base=HEAD~1',
      '--with-target=image',
    ]);
    expect(affected.trim().split('\n').sort()).toEqual(AGENTS.filter((_, index) => library(index) === 'odd'));
  });

  test('a commit that changes no byte still changes the revision that the image names', async () => {
    const revision = async (): Promise<string> => {
      const layout = join(workspace.dir, 'agents/a00/dist/image/blobs/sha256');
      const index = builtDigest(join(workspace.dir, 'agents/a00')).replace('sha256:', '');
      return (
        /"org\.opencontainers\.image\.revision":"([^"]+)"/.exec(await readFile(join(layout, index), 'utf8'))?.[1] ?? ''
      );
    };
    await workspace.write({ 'agents/a00/files/name': 'renamed' });
    expect((await workspace.nx(['run', 'a00:image'])).code).toBe(0);
    expect(await revision()).toMatch(/^[0-9a-f]{40}-dirty$/);
    const commit = await workspace.commit('the same bytes');
    expect((await workspace.nx(['run', 'a00:image'])).code).toBe(0);
    expect(await revision()).toBe(commit);
  });
});
