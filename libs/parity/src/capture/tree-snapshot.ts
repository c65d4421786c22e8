import { createReadStream, lstatSync, readdirSync, readFileSync, readlinkSync, type Stats } from 'node:fs';
import { Hasher, sha256 } from '@baton/kernel';

/** One entry of a tree at one moment. */
export interface TreeNode {
  type: 'file' | 'dir' | 'symlink' | 'other';
  /** Permission bits as four octal digits. */
  mode: string;
  /** Of a file. */
  size: number;
  /** Of a file; absent where it can still be read at `path`, because nothing changes it there. */
  digest?: string;
  /** Where the bytes of a file are. */
  path: Buffer;
  /** Of a link. */
  target?: string;
  /** Of a directory, by name; sorted by bytes. */
  children?: ReadonlyMap<string, TreeNode>;
  /** It came with an image, and nobody laid it out. */
  inherited?: true;
}

/** The image that a tree was made of. */
export interface Below {
  node: TreeNode;
  /** When the tree is an overlay: what is not in this directory is as it was in the image. */
  upper?: string;
}

interface Place {
  path: Buffer;
  shown: string;
  below: TreeNode | undefined;
  upper: Buffer | undefined;
}

/** Above this, a file is not read into memory. */
export const MOST_IN_MEMORY = 1024 * 1024;

/**
 * Takes a tree down, links not followed, names as bytes.
 *
 * @param leaveOut paths below it (`/a/b`) that are not entered nor listed
 * @param hash false for the tree of an image, which nothing changes: its files are read when somebody asks
 * @param below for a tree that was made of an image
 */
export async function takeTree(
  root: string,
  leaveOut: ReadonlySet<string>,
  { hash = true, below }: { hash?: boolean; below?: Below } = {},
): Promise<TreeNode> {
  const walk = async ({ path, shown, below: under, upper }: Place): Promise<TreeNode> => {
    const above = upper === undefined ? undefined : lstatSync(upper, { throwIfNoEntry: false });
    if (under !== undefined && upper !== undefined && above === undefined) return under;
    // The bytes are read beside the mount, where a large file can be kept by a link.
    const source = upper !== undefined && above !== undefined ? upper : path;
    const stat = lstatSync(path);
    const node = await readNode(source, stat, hash);
    if (node.type !== 'dir') return node;
    const inherited = hash ? upper === undefined && under !== undefined : true;
    const children = new Map<string, TreeNode>();
    for (const name of readdirSync(path, { encoding: 'buffer' }).sort(Buffer.compare)) {
      const text = nameText(name);
      const place = {
        path: joined(path, name),
        shown: `${shown}/${text}`,
        below: under?.children?.get(text),
        upper: upper === undefined ? undefined : joined(upper, name),
      };
      if (!leaveOut.has(place.shown)) children.set(text, await walk(place));
    }
    return { ...node, children, ...(inherited && { inherited }) };
  };
  return await walk({
    path: Buffer.from(root),
    shown: '',
    below: below?.node,
    upper: below?.upper === undefined ? undefined : Buffer.from(below.upper),
  });
}

/** The digest of a file in a tree that was taken down. */
export async function digestOf(node: TreeNode): Promise<string> {
  return node.digest ?? (await digestOfFile(node.path, node.size));
}

/** The sha256 of a file; a large one is read block by block. */
export async function digestOfFile(path: string | Buffer, size: number): Promise<string> {
  if (size <= MOST_IN_MEMORY) return sha256(readFileSync(path));
  const hasher = new Hasher();
  for await (const chunk of createReadStream(path, { highWaterMark: MOST_IN_MEMORY })) hasher.update(chunk as Buffer);
  return hasher.digest();
}

async function readNode(path: Buffer, stat: Stats, hash: boolean): Promise<TreeNode> {
  const mode = (stat.mode & 0o7777).toString(8).padStart(4, '0');
  const node = { mode, path, size: 0 };
  if (stat.isDirectory()) return { ...node, type: 'dir' };
  if (stat.isSymbolicLink()) return { ...node, type: 'symlink', target: nameText(readlinkSync(path, 'buffer')) };
  if (!stat.isFile()) return { ...node, type: 'other' };
  const digest = hash ? { digest: await digestOfFile(path, stat.size) } : {};
  return { ...node, type: 'file', size: stat.size, ...digest };
}

function joined(path: Buffer, name: Buffer): Buffer {
  return Buffer.concat([path, Buffer.from('/'), name]);
}

// A name that is no UTF-8 keeps its bytes visible, and cannot be taken for another one.
function nameText(name: Buffer): string {
  const text = name.toString('utf8');
  return Buffer.from(text).equals(name) ? text : `\\bytes:${name.toString('hex')}`;
}
