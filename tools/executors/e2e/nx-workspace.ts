import { cpSync, mkdirSync, readFileSync, realpathSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { canonicalJson, runProcess, sha256, succeeded, toolEnv } from '@baton/kernel';
import { type TestRepository, temporaryDirectory, temporaryRepository } from '@baton/testkit';

/** The repository's root. */
export const ROOT = resolve(import.meta.dirname, '../../..');

/** How a call of Nx ended. */
export interface NxRun {
  code: number | null;
  /** Standard output and standard error, without colours. */
  output: string;
}

/** An Nx workspace in a git repository, with this plugin installed as users have it: a bundled package. */
export interface NxWorkspace extends TestRepository {
  /** Where Nx and Baton keep their caches; outside of the workspace. */
  caches: string;
  nx(args: readonly string[], env?: NodeJS.ProcessEnv): Promise<NxRun>;
}

/** What keeps Nx from starting services, drawing, or sharing a cache with other runs; `node` comes first on the PATH. */
export function nxEnv(caches: string, node: string = process.execPath): NodeJS.ProcessEnv {
  return toolEnv({
    CI: 'true',
    NX_DAEMON: 'false',
    NX_TUI: 'false',
    NX_ISOLATE_PLUGINS: 'false',
    NX_NO_CLOUD: 'true',
    NX_CACHE_DIRECTORY: join(caches, 'nx'),
    NX_WORKSPACE_DATA_DIRECTORY: join(caches, 'nx-data'),
    NX_DEFAULT_OUTPUT_STYLE: 'static',
    BATON_CACHE_DIR: join(caches, 'baton'),
    // npm's own five minutes would use up the time of a test whose download stands still.
    npm_config_fetch_timeout: '60000',
    PATH: `${dirname(node)}:${process.env.PATH ?? ''}`,
  });
}

/**
 * Makes a workspace with some files in its first commit.
 *
 * Nx and the devkit are links to this repository's; the plugin is a copy, because Nx takes a plugin whose real path is
 * outside of `node_modules` for a project of the workspace.
 *
 * @param plugin the directory of the bundled package
 */
export async function nxWorkspace(plugin: string, files: Record<string, string>): Promise<NxWorkspace> {
  const caches = temporaryDirectory('nx-caches');
  const { version } = JSON.parse(readFileSync(join(plugin, 'package.json'), 'utf8')) as { version: string };
  const devDependencies = { '@baton/nx': version };
  const packages = {
    '': { name: 'workspace', devDependencies },
    'node_modules/@baton/nx': {
      version,
      integrity: `sha512-${Buffer.from(sha256(plugin)).toString('base64')}`,
      dev: true,
    },
  };
  const repository = await temporaryRepository({
    'nx.json': '{ "analytics": false, "neverConnectToCloud": true, "plugins": ["@baton/nx"] }\n',
    'package.json': canonicalJson({ name: 'workspace', private: true, devDependencies }),
    'package-lock.json': canonicalJson({ name: 'workspace', lockfileVersion: 3, requires: true, packages }),
    '.gitignore': 'node_modules\ndist\n.nx\n',
    ...files,
  });
  const modules = join(repository.dir, 'node_modules');
  mkdirSync(join(modules, '@nx'), { recursive: true });
  for (const name of ['nx', '@nx/devkit'])
    symlinkSync(realpathSync(join(ROOT, 'node_modules', name)), join(modules, name));
  cpSync(plugin, join(modules, '@baton/nx'), { recursive: true });
  return {
    ...repository,
    caches,
    nx: (args, env) => runNx(repository.dir, caches, args, env),
  };
}

/** The Nx that is installed in a workspace, ready to be started. */
export function nxCommand(
  workspace: string,
  caches: string,
  args: readonly string[],
  node: string = process.execPath,
): { command: string; args: string[]; cwd: string; env: NodeJS.ProcessEnv } {
  const program = createRequire(join(workspace, 'package.json')).resolve('nx/bin/nx.js');
  return { command: node, args: [program, ...args], cwd: workspace, env: nxEnv(caches, node) };
}

/**
 * Runs the Nx that is installed in a workspace.
 *
 * Into a file, because Nx ends without waiting for a pipe that is read slowly, and the end of its output is lost.
 */
export async function runNx(
  workspace: string,
  caches: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
  node: string = process.execPath,
): Promise<NxRun> {
  const { command, args: all, cwd, env: own } = nxCommand(workspace, caches, args, node);
  const file = join(temporaryDirectory('nx-output'), 'output');
  const script = 'exec "$@" >"$OUTPUT_FILE" 2>&1';
  const { code } = await runProcess({
    command: 'sh',
    args: ['-c', script, 'sh', command, ...all],
    cwd,
    env: { ...own, ...env, OUTPUT_FILE: file },
  });
  return { code, output: stripVTControlCharacters(readFileSync(file, 'utf8')) };
}

/** Runs a program to its good end and returns what it printed. */
export async function run(
  command: string,
  args: readonly string[],
  cwd: string,
  env: NodeJS.ProcessEnv = toolEnv(),
): Promise<string> {
  const result = await runProcess({ command, args, cwd, env });
  if (succeeded(result)) return result.stdout.toString('utf8');
  throw new Error(`${command} ${args.join(' ')} ended with ${result.code}:\n${result.stdout}\n${result.stderr}`);
}

/** The text of a manifest. */
export function agent(name: string, rest: string): string {
  return `version: 1\nname: ${name}\n${rest}`;
}

/** The digest of the index of a built image, from its layout. */
export function builtDigest(project: string): string {
  const { manifests } = JSON.parse(readFileSync(join(project, 'dist/image/index.json'), 'utf8')) as {
    manifests: { digest: string }[];
  };
  return manifests.map(({ digest }) => digest).join();
}
