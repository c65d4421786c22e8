import { BatonError, compareText, type Digest, Hasher } from '@baton/kernel';
import { sortEntries, type TarEntry, type TarHeader } from '@baton/oci';
import { parentEntries } from '../placement.ts';
import type { Spool, Spooled } from '../spool.ts';
import { isDropped, mergedPath, mergedRoot, mergedTarget } from './deb-paths.ts';
import { isConsumed, type MadeFile, madeFiles } from './debian-config.ts';

/** One package's files as its archive gives them. */
export interface PackageContent {
  name: string;
  /** What `var/lib/dpkg/status.d/<name>` shall say. */
  status: string;
  files(): AsyncIterable<{ header: TarHeader; body: AsyncIterable<Buffer> }>;
}

interface Held {
  header: TarHeader;
  owner: string;
  part?: Spooled;
  digest?: Digest;
}

/**
 * Puts packages together into one file system: merged `/usr`, nothing that an image has no use for, the files that the
 * packages' scripts would have made, and what vulnerability scanners look for. The result depends on the packages alone.
 *
 * Errors: `CONTEXT_INVALID` when two packages hold different things at one path, `LAYER_INVALID` for a package with
 * devices or a link to what is left out.
 */
export async function assemble(packages: readonly PackageContent[], spool: Spool, epoch: number): Promise<TarEntry[]> {
  const held = new Map<string, Held>();
  const merged = new Set<string>();
  for (const item of inOrder(packages)) {
    for await (const { header, body } of item.files()) {
      const root = mergedRoot(header.path);
      if (root !== undefined) merged.add(root);
      // The link that a package of a merged release has in place of the directory: it is made below.
      if (root === header.path && header.type === 'symlink') continue;
      if (isDropped(mergedPath(header.path), header.type)) continue;
      place(held, await take(item.name, header, body, spool, epoch));
    }
  }
  const read = async (path: string): Promise<Buffer> => {
    const part = held.get(path)?.part;
    return part === undefined ? Buffer.alloc(0) : await collect(spool.read(part));
  };
  const made = await madeFiles({
    paths: held.keys(),
    has: (path) => held.has(path),
    isEmptyDirectory: (path) =>
      held.get(path)?.header.type === 'directory' && ![...held.keys()].some((other) => other.startsWith(`${path}/`)),
    read,
  });
  const links = [...merged].map((root): MadeFile => ({ path: root, link: `usr/${root}` }));
  const status = packages.map((item): MadeFile => ({ path: `var/lib/dpkg/status.d/${item.name}`, text: item.status }));
  const entries = new Map<string, TarEntry>();
  for (const [path, { header, part }] of held) {
    if (isConsumed(path)) continue;
    entries.set(path, part === undefined ? header : { ...header, content: () => spool.read(part) });
  }
  for (const file of [...made, ...links, ...status]) entries.set(file.path, madeEntry(file, epoch));
  return sortEntries([...missingParents([...entries.values()], entries, epoch), ...entries.values()]);
}

// base-files says what the common directories are like; after it, names decide and not the order of the manifest.
function inOrder(packages: readonly PackageContent[]): PackageContent[] {
  const rank = (item: PackageContent): number => (item.name === 'base-files' ? 0 : 1);
  return [...packages].sort((a, b) => rank(a) - rank(b) || compareText(a.name, b.name));
}

async function take(
  owner: string,
  header: TarHeader,
  body: AsyncIterable<Buffer>,
  spool: Spool,
  epoch: number,
): Promise<Held> {
  const { path, type, mode, uid, gid, size, linkTarget, xattrs } = header;
  if (type !== 'file' && type !== 'directory' && type !== 'symlink' && type !== 'hardlink') {
    throw new BatonError('LAYER_INVALID', `Debian package ${owner} holds a ${type}, "${path}"`);
  }
  const moved: TarHeader = {
    path: mergedPath(path),
    type,
    mode,
    uid,
    gid,
    mtime: epoch,
    size,
    ...(linkTarget === undefined
      ? {}
      : { linkTarget: type === 'symlink' ? mergedTarget(path, linkTarget) : mergedPath(linkTarget) }),
    ...(xattrs === undefined ? {} : { xattrs }),
  };
  if (type !== 'file') return { header: moved, owner };
  const hasher = new Hasher();
  const part = await spool.add(hashing(body, hasher));
  return { header: moved, owner, part, digest: hasher.digest() };
}

async function* hashing(body: AsyncIterable<Buffer>, hasher: Hasher): AsyncGenerator<Buffer> {
  for await (const chunk of body) {
    hasher.update(chunk);
    yield chunk;
  }
}

// Directories are shared, and so are equal files; anything else at one path is a conflict, as it is for dpkg.
function place(held: Map<string, Held>, item: Held): void {
  const { path } = item.header;
  const there = held.get(path);
  if (there === undefined) {
    held.set(path, item);
    return;
  }
  if (there.header.type === 'directory' && item.header.type === 'directory') return;
  if (identity(there) === identity(item)) return;
  throw new BatonError(
    'CONTEXT_INVALID',
    `the Debian packages ${there.owner} and ${item.owner} hold different things at /${path}`,
    { hint: 'Such packages cannot be installed together: remove one of them from the layer.' },
  );
}

function identity({ header, digest }: Held): string {
  const { type, mode, uid, gid, linkTarget } = header;
  return JSON.stringify([type, mode, uid, gid, linkTarget, digest]);
}

function madeEntry(file: MadeFile, epoch: number): TarEntry {
  const own = { path: file.path, uid: 0, gid: 0, mtime: epoch };
  if ('link' in file) return { ...own, type: 'symlink', mode: 0o777, size: 0, linkTarget: file.link };
  const content = Buffer.from(file.text, 'utf8');
  return { ...own, type: 'file', mode: 0o644, size: content.byteLength, content };
}

function missingParents(all: readonly TarEntry[], known: ReadonlyMap<string, TarEntry>, epoch: number): TarEntry[] {
  const added = new Map<string, TarEntry>();
  for (const entry of all) {
    for (const parent of parentEntries(entry.path, epoch)) if (!known.has(parent.path)) added.set(parent.path, parent);
  }
  return [...added.values()];
}

async function collect(chunks: AsyncIterable<Buffer>): Promise<Buffer> {
  const all: Buffer[] = [];
  for await (const chunk of chunks) all.push(chunk);
  return Buffer.concat(all);
}
