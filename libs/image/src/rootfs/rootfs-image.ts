import { rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { canonicalJson, joinFlight, sha256 } from '@baton/kernel';
import { type Descriptor, flattenOnce, formatPlatform, layerSource, type TarReadEntry } from '@baton/oci';
import { TAR_TOOL, writeFlatTar } from './flat-tar.ts';
import type { ImageRootfsOptions } from './options.ts';
import { type OpenLayer, type RootfsSource, rootfsSource } from './source.ts';
import { squashfsTool, writeSquashfs } from './squashfs.ts';
import { placeRootfs, type RootfsStore, rootfsStore } from './store.ts';
import type { RootfsIo, RootfsResult, StoredRootfs } from './types.ts';

/** The rules by which layers become one tree; a new number where a tree changes. */
const FLATTEN_VERSION = 1;
/** Milliseconds that it may take in all, and that it may go without a byte. */
const DEADLINE = 30 * 60_000;
const IDLE = 3 * 60_000;
/** Bytes of layers between two events. */
const STEP = 1024 * 1024;

/**
 * Makes the root file system of one platform of an image as one file, or finds it made: the bytes depend on the
 * manifest, the format and the tool alone, and are kept under their key in the cache.
 *
 * Layers are streamed from where they are into the file; nothing else is written, and memory does not grow with them.
 * However many ask for the same file at a time, it is made once; `io.signal` drops this caller, the others get theirs.
 *
 * Errors: those of finding the image (see `rootfsSource`), `LAYER_INVALID`, `DIGEST_MISMATCH`, `TOOL_MISSING`,
 * `TOOL_FAILED`, `DISK_FULL`, `TIMEOUT`, `INTERRUPTED`, `USAGE` (something else is at `to`).
 */
export async function rootfsImage(options: ImageRootfsOptions, io: RootfsIo): Promise<RootfsResult> {
  const start = performance.now();
  const { format } = options;
  const [source, tool] = await Promise.all([
    rootfsSource(options, io),
    format === 'tar' ? TAR_TOOL : squashfsTool(io.signal),
  ]);
  const store = rootfsStore(io.cacheDir);
  const facts = { format, source: source.image.descriptor.digest, tool };
  const key = sha256(canonicalJson({ ...facts, flatten: FLATTEN_VERSION })).slice('sha256:'.length);
  const made = { here: false, read: 0 };
  const stored = await joinFlight<StoredRootfs>(
    {
      key: `rootfs ${join(resolve(io.cacheDir), key)}`,
      title: `the root file system of ${source.name}`,
      find: () => store.find(key, format),
      async work({ signal, emit }) {
        made.here = true;
        return await make(source, { key, ...facts }, store, { ...io, signal, emit }, made);
      },
      deadline: DEADLINE,
      idle: IDLE,
      records: join(io.cacheDir, 'v1', 'flights'),
    },
    { emit: io.emit, signal: io.signal, shutdown: io.shutdown },
  );
  const at = store.path(key, format);
  if (options.to !== undefined) await placeRootfs(stored, at, resolve(options.to));
  return {
    ...stored,
    path: options.to === undefined ? at : resolve(options.to),
    image: source.name,
    platform: formatPlatform(source.platform),
    read: made.read,
    reused: !made.here,
    milliseconds: Math.round(performance.now() - start),
  };
}

async function make(
  source: RootfsSource,
  facts: Pick<StoredRootfs, 'key' | 'format' | 'source' | 'tool'>,
  store: RootfsStore,
  io: RootfsIo & { signal: AbortSignal },
  made: { read: number },
): Promise<StoredRootfs> {
  const { key, ...rest } = facts;
  const { layers } = source.image.manifest;
  const total = layers.reduce((sum, layer) => sum + layer.size, 0);
  const work = { id: `rootfs ${key}`, label: `root file system of ${source.name}`, unit: 'bytes' as const };
  io.emit({ type: 'rootfs.start', ...work, total });
  const stored = await store.put(key, facts.format, async (temporary) => {
    return await source.withLayers(io, async (open) => {
      const opened = counted(open, (read) => {
        made.read = read;
        // What is read a second time does not count twice.
        io.emit({ type: 'rootfs.progress', ...work, done: Math.min(read, total), total });
      });
      const sources = layers.map((layer, i) => layerSource(layer, diffIdOf(source, i, layer), () => opened(layer)));
      return await flattenOnce(sources, async (entries) => {
        // What a first try left that had to be given up.
        await rm(temporary, { force: true });
        const tally = { entries: 0 };
        const counting = tallied(entries, tally);
        if (facts.format === 'tar') {
          await writeFlatTar(counting, temporary);
          return { ...rest, ...tally, withoutXattrs: 0 };
        }
        const { withoutXattrs } = await writeSquashfs(counting, temporary, io.signal);
        return { ...rest, ...tally, withoutXattrs };
      });
    });
  });
  io.emit({ type: 'rootfs.end', ...work, done: total, total });
  return stored;
}

function diffIdOf(source: RootfsSource, i: number, layer: Descriptor): Descriptor['digest'] {
  // Both lists have one length: whoever reads an image has compared them.
  return source.image.config.rootfs.diff_ids[i] ?? layer.digest;
}

function counted(open: OpenLayer, onRead: (bytes: number) => void): OpenLayer {
  let read = 0;
  let told = 0;
  return async function* (layer) {
    for await (const chunk of open(layer)) {
      read += chunk.byteLength;
      if (read - told >= STEP) {
        told = read;
        onRead(read);
      }
      yield chunk;
    }
    onRead(read);
  };
}

async function* tallied(
  entries: AsyncIterable<TarReadEntry>,
  tally: { entries: number },
): AsyncGenerator<TarReadEntry> {
  for await (const entry of entries) {
    tally.entries += 1;
    yield entry;
  }
}
