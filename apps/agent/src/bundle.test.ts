import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { runProcess, toolEnv } from '@baton/kernel';
import { loadManifest } from '@baton/manifest';
import { runNode, temporaryDirectory } from '@baton/testkit';
import { expect, test } from 'vitest';

const AGENT = resolve(import.meta.dirname, '..');

/** Runs the manifest's own bundle command, but into another directory; returns that directory. */
async function bundle(): Promise<string> {
  const { manifest } = await loadManifest(AGENT);
  const out = temporaryDirectory('agent');
  const [command = '', ...args] = (manifest.bundle?.command ?? []).map((word) => word.replace('dist/bundle', out));
  const ran = await runProcess({ command, args, cwd: AGENT, env: toolEnv() });
  expect({ code: ran.code, stderr: ran.stderr.toString('utf8') }).toEqual({ code: 0, stderr: '' });
  return out;
}

test('the manifest has the version of the package', async () => {
  const { version } = JSON.parse(readFileSync(join(AGENT, 'package.json'), 'utf8')) as { version: string };
  const { manifest } = await loadManifest(AGENT);
  expect(manifest.image?.version).toBe(version);
});

test('the bundle is one file that runs alone and ends as its arguments say', async () => {
  const out = await bundle();
  const program = join(out, 'main.cjs');
  expect((await runNode(program, ['version'])).stdout.toString('utf8')).toMatch(/^\d+\.\d+\.\d+\n$/);
  expect((await runNode(program, ['exit', '7'])).code).toBe(7);
  const shown = await runNode(program, ['print-config'], { env: { AGENT_NAME: 'n1' } });
  expect(JSON.parse(shown.stdout.toString('utf8'))).toMatchObject({ config: { name: 'n1' } });
});

test('bundled again it has the same bytes, and the metafile names what went in', async () => {
  const [one, two] = [await bundle(), await bundle()];
  expect(readFileSync(join(one, 'main.cjs'))).toEqual(readFileSync(join(two, 'main.cjs')));
  const { inputs } = JSON.parse(readFileSync(join(one, 'meta.json'), 'utf8')) as { inputs: Record<string, unknown> };
  expect(Object.keys(inputs).sort()).toEqual(['package.json', 'src/config.ts', 'src/main.ts', 'src/run.ts']);
});
