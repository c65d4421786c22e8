import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { runProcess, silent } from '@baton/kernel';
import { loadManifest } from '@baton/manifest';
import { flattenLayers, parsePlatform, samePlatform, unpackTo, writeTar } from '@baton/oci';
import { needs, temporaryDirectory } from '@baton/testkit';
import { expect } from 'vitest';
import { resolveDebianLayer } from './layers/debian/debian-layer.ts';
import { resolveNpmLayer } from './layers/npm/npm-layer.ts';
import type { ResolvedLayer, SourceIo } from './layers/resolved-layer.ts';
import { readLock } from './lock-file.ts';

const BASE = join(import.meta.dirname, '..', '..', '..', 'containers', 'base');

needs('apt', 'npm')(
  "containers/base, from the host's archive and npm's registry, holds a Node that runs",
  async () => {
    const project = await loadManifest(BASE);
    const platform = parsePlatform(`linux/${process.arch === 'x64' ? 'amd64' : process.arch}`);
    const lock = await readLock(BASE);
    const dir = temporaryDirectory();
    const io: SourceIo = { emit: silent, cacheDir: join(dir, 'cache'), env: process.env, epoch: 0, locked: false };
    const layers: ResolvedLayer[] = [];
    let version = '';
    for (const layer of project.manifest.image?.layers ?? []) {
      if (layer.platform !== undefined && !samePlatform(parsePlatform(layer.platform), platform)) continue;
      if ('debian' in layer) layers.push(await resolveDebianLayer(lock, layer, platform, io));
      if (!('npm' in layer)) continue;
      version = `v${layer.version}`;
      layers.push(await resolveNpmLayer({ dir: BASE, root: BASE }, lock, layer, platform, io));
    }
    expect(layers).toHaveLength(2);
    const root = join(dir, 'root');
    await unpackTo(
      root,
      flattenLayers(layers.map((layer) => ({ open: () => writeTar(layer.entries()), where: layer.title }))),
    );

    // By the image's own loader and libraries alone; the host lends the processor.
    const libraries = join(root, 'usr/lib', `${process.arch === 'x64' ? 'x86_64' : 'aarch64'}-linux-gnu`);
    const loader = (await readdir(libraries)).find((name) => name.startsWith('ld-linux-'));
    const script = `
    const fs = require('node:fs');
    const read = (path) => fs.readFileSync(${JSON.stringify(root)} + path, 'utf8');
    console.log(JSON.stringify({
      version: process.version,
      maps: fs.readFileSync('/proc/self/maps', 'utf8').split('\\n').map((l) => l.slice(73)).filter((l) => /[.]so/.test(l)),
      certificates: read('/etc/ssl/certs/ca-certificates.crt').match(/BEGIN CERTIFICATE/g).length,
      root: read('/etc/passwd').split('\\n')[0].split(':').slice(0, 3).join(':'),
      release: /^ID=(.*)$/m.exec(read('/etc/os-release'))[1],
      packages: fs.readdirSync(${JSON.stringify(root)} + '/var/lib/dpkg/status.d').length,
      zone: fs.existsSync(${JSON.stringify(root)} + '/usr/share/zoneinfo/Etc/UTC'),
    }));`;
    const result = await runProcess({
      command: join(libraries, loader ?? ''),
      args: ['--library-path', libraries, join(root, 'usr/local/bin/node'), '-e', script],
      env: {},
    });
    expect(result.stderr.toString()).toBe('');
    const found = JSON.parse(result.stdout.toString()) as Record<string, unknown> & {
      maps: string[];
      certificates: number;
    };
    expect(found).toMatchObject({ version, root: 'root:*:0', packages: 8, zone: true });
    expect(found.release).toMatch(/^(debian|ubuntu)$/);
    expect(found.certificates).toBeGreaterThan(100);
    expect(found.maps.length).toBeGreaterThan(3);
    expect(found.maps.filter((path) => !path.startsWith(root))).toEqual([]);
  },
  600_000,
);
