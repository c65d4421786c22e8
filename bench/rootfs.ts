import { createReadStream } from 'node:fs';
import { cp, mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { type Digest, runProcess, sha256, succeeded, toolEnv } from '@baton/kernel';
import {
  buildLayer,
  connectRegistry,
  encodeDocument,
  MEDIA_TYPES,
  openStore,
  sortEntries,
  type TarEntry,
  writeTar,
} from '@baton/oci';
import { findProgram, startDockerRegistry } from '@baton/testkit';
import { bundledBaton } from './artefacts.ts';
import { type Command, measure, median, type Sample } from './measure.ts';
import { peakOf } from './peak.ts';
import { markdown, paired, rowOf } from './tables.ts';

/** What the yardstick runs one after the other; all three have to be here. */
const THEIRS = ['skopeo', 'umoci', 'mksquashfs', 'tar2sqfs'];

/**
 * From an image in a registry to a squashfs file (zstd, level 3): Baton against skopeo copy + umoci unpack + mksquashfs,
 * one after the other in each round, the first round not counted. The image has two layers: packages, and the program
 * `node`. Debian's registry on loopback; nobody's cache knows the image.
 */
export async function benchRootfs(rounds: number): Promise<string> {
  const lacking = THEIRS.filter((program) => findProgram(program) === undefined);
  if (lacking.length > 0) return `left out: no ${lacking.join(', ')} here`;
  const dir = await mkdtemp(join(tmpdir(), 'baton-bench-rootfs-'));
  const registry = await startDockerRegistry({ root: join(dir, 'registry') });
  try {
    const reference = await pushImage(dir, registry.host);
    const ours = (): Command => ({
      argv: [process.execPath, baton, 'image', 'rootfs', reference],
      cwd: dir,
      env: { PATH: process.env.PATH, HOME: dir, BATON_CACHE_DIR: join(dir, 'cache') },
    });
    const baton = await bundledBaton();
    const script = join(dir, 'theirs.sh');
    await writeFile(script, yardstick(dir, reference));
    const theirs: Command = { argv: ['bash', script], cwd: dir, env: { PATH: process.env.PATH, HOME: dir } };
    const samples = { baton: [] as Sample[], theirs: [] as Sample[] };
    for (let round = 0; round <= rounds; round += 1) {
      await rm(join(dir, 'cache'), { recursive: true, force: true });
      const own = await measure(ours());
      await rm(join(dir, 'work'), { recursive: true, force: true });
      const other = await measure(theirs);
      if (round === 0) continue;
      samples.baton.push(own);
      samples.theirs.push(other);
    }
    const peaks: number[] = [];
    const bare: number[] = [];
    for (let round = 0; round < 3; round += 1) {
      await rm(join(dir, 'cache'), { recursive: true, force: true });
      peaks.push(await peakOf(ours()));
      bare.push(await peakOf({ argv: [process.execPath, '-e', '0'], cwd: dir, env: { PATH: process.env.PATH } }));
    }
    const name = 'skopeo + umoci + mksquashfs';
    return [
      `${cpus().length} cores, ${cpus()[0]?.model ?? 'unknown'}; Node ${process.version}; load ${loadavg()[0]?.toFixed(1)} at the end`,
      markdown([rowOf('baton', samples.baton), rowOf(name, samples.theirs)]),
      paired('baton', samples.baton, name, samples.theirs),
      `- peak of our own process: ${median(peaks).toFixed(1)} MB, a bare Node ${median(bare).toFixed(1)} MB, difference ${(median(peaks) - median(bare)).toFixed(1)} MB (medians of ${peaks.length})`,
    ].join('\n\n');
  } finally {
    await registry.stop();
    await rm(dir, { recursive: true, force: true });
  }
}

function yardstick(dir: string, reference: string): string {
  const work = join(dir, 'work');
  return `set -e
mkdir -p ${work}
skopeo copy -q --src-tls-verify=false docker://${reference} oci:${work}/layout:x
umoci unpack ${process.geteuid?.() === 0 ? '' : '--rootless'} --image ${work}/layout:x ${work}/bundle
mksquashfs ${work}/bundle/rootfs ${work}/root.squashfs -comp zstd -Xcompression-level 3 -noappend -no-progress -quiet
`;
}

/** Pushes an image of about 160 MB: some of this repository's packages below, the program `node` above. */
async function pushImage(dir: string, host: string): Promise<string> {
  const modules = resolve(import.meta.dirname, '../node_modules');
  const app = join(dir, 'image', 'app');
  const bin = join(dir, 'image-node', 'usr', 'local', 'bin');
  await mkdir(app, { recursive: true });
  await mkdir(bin, { recursive: true });
  for (const name of ['typescript', 'zod', '@babel', 'semver']) {
    const there = await stat(join(modules, name)).catch(() => undefined);
    if (there !== undefined) await cp(join(modules, name), join(app, name), { recursive: true, dereference: true });
  }
  await cp(process.execPath, join(bin, 'node'));
  const store = openStore(join(dir, 'blobs'));
  const layers = [await packed(join(dir, 'image'), store), await packed(join(dir, 'image-node'), store)];
  const config = encodeDocument({
    os: 'linux',
    architecture: process.arch === 'x64' ? 'amd64' : process.arch,
    config: {},
    rootfs: { type: 'layers', diff_ids: layers.map(({ diffId }) => diffId) },
  });
  const manifest = encodeDocument({
    schemaVersion: 2,
    mediaType: MEDIA_TYPES.manifest,
    config: { mediaType: MEDIA_TYPES.config, digest: sha256(config), size: config.byteLength },
    layers: layers.map(({ mediaType, digest, size }) => ({ mediaType, digest, size })),
  });
  const client = connectRegistry(host);
  try {
    const put = async (blob: { digest: Digest; size: number }): Promise<unknown> =>
      await client.putBlob('bench/rootfs', blob, () => store.stream(blob.digest, blob.size));
    for (const layer of layers) await put(layer);
    await put(await store.add(config));
    await client.putManifest('bench/rootfs', 'one', manifest, MEDIA_TYPES.manifest);
  } finally {
    client.close();
  }
  await rm(join(dir, 'image'), { recursive: true });
  await rm(join(dir, 'image-node'), { recursive: true });
  return `${host}/bench/rootfs:one`;
}

async function packed(root: string, store: ReturnType<typeof openStore>): ReturnType<typeof buildLayer> {
  const { stdout, ...rest } = await runProcess({
    command: 'find',
    args: ['.', '-mindepth', '1', '(', '-type', 'd', '-o', '-type', 'f', ')', '-printf', '%y %s %P\\n'],
    cwd: root,
    env: toolEnv(),
  });
  if (!succeeded({ stdout, ...rest })) throw new Error(`find failed in ${root}`);
  const entries = stdout
    .toString('utf8')
    .trim()
    .split('\n')
    .map((line): TarEntry => {
      const [kind = '', size = '0', ...name] = line.split(' ');
      const path = name.join(' ');
      const common = { path, uid: 0, gid: 0, mtime: 1_700_000_000 };
      if (kind === 'd') return { ...common, type: 'directory', mode: 0o755, size: 0 };
      const content = (): AsyncIterable<Buffer> => createReadStream(join(root, path));
      return { ...common, type: 'file', mode: 0o755, size: Number(size), content };
    });
  return await buildLayer(writeTar(sortEntries(entries)), { algorithm: 'gzip', level: 6 }, store);
}
