import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type LoadedManifest, loadManifest } from '@baton/manifest';
import esbuild from 'esbuild/package.json' with { type: 'json' };

/**
 * A project that needs no base: esbuild's own binary is a static program and comes from npm for both platforms. For
 * hosts on which the glibc base cannot be made.
 */
export async function staticProject(dir: string): Promise<LoadedManifest> {
  const layer = (architecture: string, platform: string): string =>
    `    - { npm: "@esbuild/linux-${architecture}", version: ${esbuild.version}, from: bin/esbuild, to: /bin/esbuild, mode: "0755", platform: ${platform} }`;
  await mkdir(dir, { recursive: true });
  await writeFile(
    join(dir, 'agent.yaml'),
    [
      'version: 1',
      'name: static-program',
      'image:',
      '  repository: localhost/demo/static-program',
      '  platforms: [linux/amd64, linux/arm64]',
      '  base: scratch',
      '  layers:',
      layer('x64', 'linux/amd64'),
      layer('arm64', 'linux/arm64'),
      '  entrypoint: [/bin/esbuild]',
      '  cmd: [--version]',
      '  tags: [demo]',
      '',
    ].join('\n'),
  );
  return await loadManifest(dir);
}
