import { mkdirSync, symlinkSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { runProcess, succeeded, toolEnv } from '@baton/kernel';
import { loadManifest } from '@baton/manifest';
import { temporaryDirectory } from '@baton/testkit';

/** The project `apps/agent`. */
export const AGENT: string = resolve(import.meta.dirname, '..');

/** The root of the repository. */
export const REPOSITORY: string = resolve(AGENT, '../..');

/** Runs the manifest's own bundle command, but into another directory; `main.cjs` and `meta.json` are in there then. */
export async function bundleInto(directory: string): Promise<void> {
  const { manifest } = await loadManifest(AGENT);
  const [command = '', ...args] = (manifest.bundle?.command ?? []).map((word) =>
    word.replace('dist/bundle', directory),
  );
  const ran = await runProcess({ command, args, cwd: AGENT, env: toolEnv() });
  const said = ran.stderr.toString('utf8');
  if (!succeeded(ran) || said !== '') throw new Error(`the bundle could not be made: ${said}`);
}

/** The bundled agent in a directory of its own, with koffi where the image has it; returns the path of `main.cjs`. */
export async function bundledAgent(): Promise<string> {
  const directory = temporaryDirectory('agent');
  await bundleInto(directory);
  const modules = join(directory, 'node_modules');
  mkdirSync(modules);
  for (const name of ['koffi', '@koromix']) symlinkSync(join(REPOSITORY, 'node_modules', name), join(modules, name));
  return join(directory, 'main.cjs');
}
