import { type Leaf, type ObjectId, type Tree, walkLeaves } from '@baton/git';
import type { ProposalInput } from './proposal.ts';

/** The files of a tree, and the text of those that people write. */
export interface Listing {
  paths: readonly string[];
  leaves: ReadonlyMap<string, Leaf>;
  /** Whether there is a file or directory; the root is `''`. */
  exists(path: string): boolean;
  /** Files below a directory. */
  below(directory: string): readonly string[];
  /** The text of files that were read, by path; binary ones, links and other people's code are left out. */
  texts: ReadonlyMap<string, string>;
}

/** Larger files are not written by people. */
const LARGEST = 1024 * 1024;
const VENDORED = /(^|\/)(vendor|node_modules|third_party|third-party|[.]yarn|bower_components)\//;

/** Whether a path is in a directory that holds other people's code. */
export function isVendored(path: string): boolean {
  return VENDORED.test(path);
}

/** Lists a tree, and reads the few files that tell what belongs to whom. */
export async function listTree(input: Pick<ProposalInput, 'tree' | 'readBlobs'>): Promise<Listing> {
  const { tree } = input;
  const leaves = new Map<string, Leaf>();
  for (const { path, leaf } of walkLeaves(tree)) leaves.set(path, leaf);
  const listing = {
    paths: [...leaves.keys()],
    leaves,
    exists: existing(tree),
    below: (directory: string) => belowOf(tree, directory),
    texts: new Map<string, string>(),
  };
  return await withTexts(input, listing, { reads: (path) => baseName(path) === '.dockerignore', keeps: () => true });
}

/** The listing with the texts of files that people wrote; of a large repository only those that are worth a look are kept. */
export async function withTexts(
  { readBlobs }: Pick<ProposalInput, 'readBlobs'>,
  listing: Listing,
  wanted: { reads(path: string): boolean; keeps(path: string, text: string): boolean },
): Promise<Listing> {
  const places = new Map<ObjectId, string[]>();
  for (const [path, { mode, id }] of listing.leaves) {
    if (mode === '120000' || mode === '160000' || isVendored(path) || !wanted.reads(path)) continue;
    const known = places.get(id);
    if (known === undefined) places.set(id, [path]);
    else known.push(path);
  }
  const texts = new Map<string, string>();
  for await (const { id, bytes } of readBlobs(places.keys())) {
    const text = textOf(bytes);
    if (text === undefined) continue;
    for (const path of places.get(id) ?? []) if (wanted.keeps(path, text)) texts.set(path, text);
  }
  return { ...listing, texts };
}

function textOf(bytes: Buffer): string | undefined {
  if (bytes.byteLength > LARGEST || bytes.includes(0)) return undefined;
  try {
    // A byte-order mark stays, so that what is found can be written back.
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

function existing(tree: Tree): (path: string) => boolean {
  return (path) => nodeAt(tree, path) !== undefined;
}

function belowOf(tree: Tree, directory: string): string[] {
  const node = nodeAt(tree, directory);
  if (node?.kind !== 'tree') return [];
  return [...walkLeaves(node, directory === '' ? '' : `${directory}/`)].map(({ path }) => path);
}

function nodeAt(tree: Tree, path: string): Tree | Leaf | undefined {
  let node: Tree | Leaf | undefined = tree;
  if (path === '') return node;
  for (const name of path.split('/')) node = node?.kind === 'tree' ? node.entries.get(name) : undefined;
  return node;
}

/** The directory of a path; `''` for the root. */
export function directoryOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')));
}

/** The last name of a path. */
export function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** Whether a path is a directory or below it. */
export function isAtOrBelow(path: string, directory: string): boolean {
  return path === directory || path.startsWith(`${directory}/`);
}
