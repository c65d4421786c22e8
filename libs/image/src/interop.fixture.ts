import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { copyFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type Digest, runProcess, sha256, toolEnv } from '@baton/kernel';
import { loadManifest } from '@baton/manifest';
import { type Platform, type RuntimeConfig, readTar } from '@baton/oci';
import { findProgram, temporaryDirectory } from '@baton/testkit';
import { exportImage } from './export-image.ts';
import { type ImageExportOptions, imageExportOptions } from './options.ts';
import { baseLayout, publishOptions, type TestProject, testProject } from './project.fixture.ts';
import { publishImage } from './publish-image.ts';
import { readLayoutImage } from './sparse-layout.ts';

/** What every tool must agree about: the ID of an image, and its layers. */
export interface Identity {
  config: Digest;
  diffIds: Digest[];
}

/** An image as Baton made it, in all forms that it writes; for tests with other tools. */
export interface InteropImage {
  project: TestProject;
  platform: Platform;
  identity: Identity;
  runtime: RuntimeConfig | undefined;
  index: Digest;
  /** `registry/repository:tag`. */
  reference: string;
  /** Paths of exports; `rootfs` holds the files. */
  layout: string;
  archive: string;
  dockerArchive: string;
  rootfs: string;
}

/**
 * Builds an image of two platforms on a base, with long names, a link, odd modes, the same layer twice and one program
 * that runs anywhere, publishes it and exports it.
 */
export async function interopImage(registry: string): Promise<InteropImage> {
  const base = { layout: '../base/dist/image' };
  const project = await testProject({
    platforms: ['linux/amd64', 'linux/arm64'],
    repository: `${registry}/interop/agent`,
    tags: ['{version}'],
    version: '1.2.3',
    base,
    layers: [
      { from: 'files/shared', to: '/app' },
      { from: 'files/tree', to: '/tree' },
      { from: 'files/shared', to: '/app' },
      { from: 'files/bin', to: '/bin' },
    ],
    entrypoint: ['/bin/busybox', 'cat', '/app/main.txt'],
    user: '7:8',
    env: { MODE: 'test' },
    labels: { of: 'interop' },
  });
  await baseLayout(join(project.dir, base.layout));
  await project.write({ [`files/tree/${'deep/'.repeat(25)}${'n'.repeat(120)}`]: 'long\n', 'files/tree/ü': 'u\n' });
  await mkdir(join(project.dir, 'files/bin'), { recursive: true });
  await copyFile(findProgram('busybox') ?? '/bin/busybox', join(project.dir, 'files/bin/busybox'));
  await project.repository.commit('tree');
  await publishImage(await project.load(), publishOptions({ build: true }), project.io);

  const dir = temporaryDirectory('interop');
  const write = async (name: string, format: ImageExportOptions['format']): Promise<string> => {
    const to = join(dir, name);
    const one = format === 'rootfs' || format === 'docker-archive' ? { platform: 'linux/amd64' } : {};
    await exportImage(await loadManifest(project.dir), imageExportOptions.parse({ to, format, ...one }), project.io);
    return to;
  };
  const layout = await write('layout', 'layout');
  const { image } = await readLayoutImage(layout);
  const amd64 = image.platforms.find(({ platform }) => platform.architecture === 'amd64');
  if (amd64 === undefined) throw new Error('there is no image for linux/amd64');
  return {
    project,
    platform: amd64.platform,
    identity: { config: amd64.manifest.config.digest, diffIds: amd64.config.rootfs.diff_ids },
    runtime: amd64.config.config,
    index: image.index.descriptor.digest,
    reference: `${registry}/interop/agent:1.2.3`,
    layout,
    archive: await write('archive.tar', 'archive'),
    dockerArchive: await write('docker.tar', 'docker-archive'),
    rootfs: await write('rootfs', 'rootfs'),
  };
}

/** Runs a program that must succeed, with these variables besides those of a tool; its standard output. */
export async function tool(
  command: string,
  args: readonly string[],
  env: Record<string, string> = {},
): Promise<Buffer> {
  const result = await runProcess({ command, args: [...args], env: toolEnv(env), maxOutput: 64 * 1024 * 1024 });
  if (result.code === 0) return result.stdout;
  throw new Error(`${command} ${args.join(' ')} ended with ${result.code}:\n${result.stderr.toString().slice(-2000)}`);
}

/** Every path below a directory with type, mode, owner and content or target. */
export function treeOf(root: string): Map<string, string> {
  const tree = new Map<string, string>();
  for (const path of readdirSync(root, { recursive: true }) as string[]) {
    const at = join(root, path);
    const found = lstatSync(at);
    const about = `${(found.mode & 0o7777).toString(8)} ${found.uid}:${found.gid}`;
    if (found.isSymbolicLink()) tree.set(path, `link to ${readlinkSync(at)}`);
    else if (found.isDirectory()) tree.set(path, `directory ${about}`);
    else tree.set(path, `file ${about} ${sha256(readFileSync(at))}`);
  }
  return new Map([...tree].sort());
}

/** The same of the entries of a tar archive. */
export async function treeOfTar(source: AsyncIterable<Uint8Array>): Promise<Map<string, string>> {
  const tree = new Map<string, string>();
  for await (const { header, body } of readTar(source, 'archive')) {
    const parts: Buffer[] = [];
    for await (const chunk of body) parts.push(chunk);
    const about = `${header.mode.toString(8)} ${header.uid}:${header.gid}`;
    if (header.type === 'symlink') tree.set(header.path, `link to ${header.linkTarget}`);
    else if (header.type === 'hardlink') tree.set(header.path, tree.get(header.linkTarget ?? '') ?? 'nothing');
    else if (header.type === 'directory') tree.set(header.path, `directory ${about}`);
    else tree.set(header.path, `${header.type} ${about} ${sha256(Buffer.concat(parts))}`);
  }
  return new Map([...tree].sort());
}
