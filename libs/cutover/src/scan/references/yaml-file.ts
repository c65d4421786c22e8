import { isMap, isScalar, isSeq, LineCounter, type Node, parseAllDocuments, type Scalar, type YAMLMap } from 'yaml';

/** A YAML text with its lines; of several documents the first one. */
export interface YamlFile {
  root: Node | undefined;
  /** The line (1-based) at which a node begins; for a block scalar, the line of its first character. */
  lineOf(node: Node): number;
}

/** Reads YAML for its facts. Text that is not YAML has none: whether it is right is not asked here. */
export function readYaml(text: string, linesBefore = 0): YamlFile {
  const lines = new LineCounter();
  let root: Node | undefined;
  try {
    const documents = parseAllDocuments(text, { lineCounter: lines, uniqueKeys: false, logLevel: 'silent' });
    const [first] = 'empty' in documents ? [] : documents;
    root = first === undefined || first.errors.length > 0 ? undefined : (first.contents ?? undefined);
  } catch {
    // Nested deeper than the stack.
    root = undefined;
  }
  return {
    root,
    lineOf(node) {
      const isBlock = isScalar(node) && (node.type === 'BLOCK_LITERAL' || node.type === 'BLOCK_FOLDED');
      return lines.linePos(node.range?.[0] ?? 0).line + (isBlock ? 1 : 0) + linesBefore;
    },
  };
}

/** The entries of a mapping whose keys are plain scalars; none for anything else. */
export function entriesOf(node: unknown): [key: string, value: Node][] {
  if (!isMap(node)) return [];
  return (node as YAMLMap).items.flatMap(({ key, value }): [string, Node][] => {
    const name = isScalar(key) ? String(key.value) : undefined;
    return name === undefined || value === null || value === undefined ? [] : [[name, value as Node]];
  });
}

/** The value of a key. */
export function valueAt(node: unknown, key: string): Node | undefined {
  return entriesOf(node).find(([name]) => name === key)?.[1];
}

/** The items of a sequence; a single scalar counts as a sequence of one. */
export function itemsOf(node: unknown): Node[] {
  if (isSeq(node)) return (node.items as (Node | null)[]).filter((item) => item !== null);
  return isScalar(node) ? [node as Scalar] : [];
}

/** The text of a scalar; undefined for anything else. */
export function textOf(node: unknown): string | undefined {
  if (!isScalar(node)) return undefined;
  return node.value === null ? undefined : String(node.value);
}
