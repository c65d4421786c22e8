import { type Node, Pair, Scalar, YAMLMap, YAMLSeq } from 'yaml';
import { fitsBlock, tagOfBytes, UNSET } from './byte-text.ts';

/** Columns up to which a mapping or a list stays on one line. */
const WIDTH = 100;

/** A value on its way to YAML. Keys whose value is undefined are left out. */
export type Writable =
  | string
  | number
  | boolean
  | null
  | Buffer
  | readonly Writable[]
  | { [key: string]: Writable | undefined };

/** The nodes for a value: texts of several lines as blocks where these give them back exactly, small mappings and lists on one line. */
export function nodeOf(value: Writable): Node {
  if (Buffer.isBuffer(value)) return bytesNode(value);
  if (isList(value)) return listNode(value);
  if (typeof value === 'object' && value !== null) return mappingNode(value);
  if (typeof value === 'string') return textNode(value);
  // Only an environment has it: a variable that the suite sets and the scenario does not.
  if (value === null) return Object.assign(new Scalar(UNSET), { tag: '!unset' });
  return new Scalar(value);
}

/** The same for the top of a file: never on one line. */
export function topNode(value: { [key: string]: Writable | undefined }): YAMLMap {
  return Object.assign(mappingNode(value), { flow: false });
}

function bytesNode(bytes: Buffer): Scalar {
  const tag = tagOfBytes(bytes);
  return tag === undefined ? textNode(bytes.toString('utf8')) : Object.assign(new Scalar(bytes), { tag });
}

function textNode(text: string): Scalar {
  const node = new Scalar(text);
  if (text.includes('\n')) node.type = fitsBlock(text) ? 'BLOCK_LITERAL' : 'QUOTE_DOUBLE';
  return node;
}

function listNode(items: readonly Writable[]): YAMLSeq {
  const list = new YAMLSeq();
  list.items = items.map(nodeOf);
  list.flow = isShort(list.items as Node[]);
  return list;
}

function mappingNode(members: { [key: string]: Writable | undefined }): YAMLMap {
  const map = new YAMLMap();
  const present = Object.entries(members).flatMap(([key, value]) =>
    value === undefined ? [] : [[key, value] as const],
  );
  map.items = present.map(([key, value]) => new Pair(new Scalar(key), nodeOf(value)));
  const keys = present.reduce((sum, [key]) => sum + key.length + 4, 0);
  map.flow = isShort(
    map.items.map(({ value }) => value as Node),
    keys,
  );
  return map;
}

// What holds another list or mapping, or a block of lines, gets a line for each of its items.
function isShort(nodes: readonly Node[], keys = 0): boolean {
  return nodes.every(isOneLine) && nodes.reduce((sum, node) => sum + widthOf(node) + 2, keys) <= WIDTH;
}

function isOneLine(node: Node): boolean {
  return node instanceof Scalar && node.type !== 'BLOCK_LITERAL';
}

function widthOf(node: Node): number {
  const { value } = node as Scalar;
  return Buffer.isBuffer(value) ? value.length * 3 + 8 : String(value).length;
}

function isList(value: Writable): value is readonly Writable[] {
  return Array.isArray(value);
}
