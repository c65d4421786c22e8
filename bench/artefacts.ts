import { mkdir, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { buildImage } from '@baton/image';
import { cacheDir, type Digest, runProcess, silent, succeeded, toolEnv } from '@baton/kernel';
import { loadManifest } from '@baton/manifest';

const ROOT = resolve(import.meta.dirname, '..');

/** The native esbuild program, without the script around it. */
export function nativeEsbuild(): string {
  const require = createRequire(import.meta.url);
  const platform = `${process.platform}-${process.arch}`;
  return require.resolve(`@esbuild/${platform}/bin/esbuild`);
}

/** Bundles the command as it is published and returns the file. */
export async function bundledBaton(): Promise<string> {
  await run(process.execPath, [join(ROOT, 'tools/bundle/cli.ts')]);
  return join(ROOT, 'apps/baton/dist/package/baton.cjs');
}

/** Bundles the node agent as it is published, into a directory of its own with koffi beside it; returns the file. */
export async function bundledAgent(directory: string): Promise<string> {
  const project = join(ROOT, 'apps/agent');
  const { manifest } = await loadManifest(project);
  const [command = '', ...args] = (manifest.bundle?.command ?? []).map((word) =>
    word.replace('dist/bundle', directory),
  );
  await run(command, args, project);
  const modules = join(directory, 'node_modules');
  await mkdir(modules, { recursive: true });
  for (const name of ['koffi', '@koromix']) await symlink(join(ROOT, 'node_modules', name), join(modules, name));
  return join(directory, 'main.cjs');
}

/** Builds the glibc + Node base and pushes it to a registry as `bench/base`, with skopeo so that nobody's cache knows it. */
export async function glibcBase(registry: string): Promise<{ digest: Digest }> {
  const project = await loadManifest(join(ROOT, 'containers/base'));
  const result = await buildImage(
    project,
    { dryRun: false, locked: false, force: false, bundle: true },
    { emit: silent, cacheDir: cacheDir(), env: process.env },
  );
  await run('skopeo', [
    'copy',
    '-q',
    '--all',
    '--dest-tls-verify=false',
    `oci:${result.layout}`,
    `docker://${registry}/bench/base:latest`,
  ]);
  return { digest: result.index.digest };
}

async function run(command: string, args: string[], cwd = ROOT): Promise<void> {
  const result = await runProcess({ command, args, cwd, env: toolEnv() });
  if (!succeeded(result)) throw new Error(`${command} ${args.join(' ')} failed:\n${result.stderr.toString('utf8')}`);
}
