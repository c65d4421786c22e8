import { type JsonNode, parseJson } from '@baton/edit';
import { BatonError } from '@baton/kernel';
import { isMap, isScalar, isSeq, LineCounter, type Node, type ParsedNode, parseDocument } from 'yaml';

/** A node of a YAML or JSON document, with the lines it is on (1-based, of the file). */
export interface DataNode {
  kind: 'map' | 'seq' | 'scalar';
  path: readonly (string | number)[];
  first: number;
  last: number;
  /** Of a map. */
  entries: readonly { key: string; line: number; node: DataNode }[];
  /** Of a sequence. */
  items: readonly DataNode[];
  /** Of a scalar. */
  value: string | number | boolean | null;
  /** The document in a block scalar, when it holds one. */
  embedded?: DataNode;
}

/** Reads the nodes of a YAML or JSON file by its name; undefined for other files, and for what cannot be read. */
export function dataNodes(path: string, text: string): DataNode | undefined {
  if (/[.]ya?ml$/.test(path)) return yamlNodes(text, 0);
  if (/[.](json[5c]?|code-workspace)$/.test(path)) return jsonNodes(text);
  return undefined;
}

function yamlNodes(text: string, offset: number): DataNode | undefined {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, keepSourceTokens: false, logLevel: 'silent' });
  if (document.errors.length > 0 || document.contents === null) return undefined;
  const lineOf = (at: number): number => lines.linePos(at).line + offset;
  return convert(document.contents, [], { lineOf, text });
}

function jsonNodes(text: string): DataNode | undefined {
  try {
    // The widest of the three: editors' files have comments under the plain name.
    const { root } = parseJson(text, 'json5');
    const starts = [0, ...[...text.matchAll(/\n/g)].map(({ index }) => index + 1)];
    return convertJson(root, [], (offset) => lineAt(starts, offset));
  } catch (error) {
    if (error instanceof BatonError) return undefined;
    throw error;
  }
}

function convertJson(node: JsonNode, path: DataNode['path'], lineOf: (offset: number) => number): DataNode {
  const base = { path, first: lineOf(node.start), last: lineOf(Math.max(node.start, node.end - 1)) };
  if (node.kind === 'scalar') return { ...base, kind: 'scalar', entries: [], items: [], value: node.value };
  if (node.kind === 'array') {
    const items = node.items.map(({ value }, index) => convertJson(value, [...path, index], lineOf));
    return { ...base, kind: 'seq', entries: [], items, value: null };
  }
  const entries = node.items.map(({ key, start, value }) => ({
    key,
    line: lineOf(start),
    node: convertJson(value, [...path, key], lineOf),
  }));
  return { ...base, kind: 'map', entries, items: [], value: null };
}

function lineAt(starts: readonly number[], offset: number): number {
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((starts[middle] ?? 0) <= offset) low = middle;
    else high = middle - 1;
  }
  return low + 1;
}

interface Source {
  lineOf(offset: number): number;
  text: string;
}

function convert(
  node: Node | ParsedNode | null | undefined,
  path: readonly (string | number)[],
  source: Source,
): DataNode | undefined {
  if (node === null || node === undefined || node.range === null || node.range === undefined) return undefined;
  const [start, end] = node.range;
  const first = source.lineOf(start);
  const last = Math.max(first, source.lineOf(Math.max(start, end - 1)));
  const empty = { path, first, last, entries: [], items: [], value: null };
  if (isMap(node)) {
    const entries = node.items.flatMap(({ key, value }) => {
      if (!isScalar(key) || key.range === null || key.range === undefined) return [];
      const name = String(key.value);
      const line = source.lineOf(key.range[0]);
      const child = convert(value as Node | null, [...path, name], source);
      return [
        {
          key: name,
          line,
          node: child ?? { ...empty, kind: 'scalar' as const, path: [...path, name], first: line, last: line },
        },
      ];
    });
    return { ...empty, kind: 'map', entries };
  }
  if (isSeq(node)) {
    return {
      ...empty,
      kind: 'seq',
      items: node.items.flatMap((item, index) => convert(item as Node, [...path, index], source) ?? []),
    };
  }
  if (!isScalar(node)) return undefined;
  const { value } = node;
  const scalar: DataNode = {
    ...empty,
    kind: 'scalar',
    value: typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? value : null,
  };
  const embedded = node.type === 'BLOCK_LITERAL' && typeof value === 'string' ? yamlNodes(value, first) : undefined;
  return embedded === undefined || embedded.kind === 'scalar' ? scalar : { ...scalar, embedded };
}

/** A node and all below it, outer ones first; not what is embedded. */
export function* walkNodes(node: DataNode): Generator<DataNode> {
  yield node;
  for (const entry of node.entries) yield* walkNodes(entry.node);
  for (const item of node.items) yield* walkNodes(item);
}

/** The node at a path of keys and indexes. */
export function nodeAt(root: DataNode | undefined, path: readonly (string | number)[]): DataNode | undefined {
  let node = root;
  for (const step of path) {
    node = typeof step === 'number' ? node?.items[step] : node?.entries.find(({ key }) => key === step)?.node;
  }
  return node;
}
