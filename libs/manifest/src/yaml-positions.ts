import { type Document, isAlias, isMap, isScalar, isSeq, type Node, type Pair } from 'yaml';
import type { Position, ValuePath, YamlSource } from './yaml-types.ts';

type KeyIndex = Map<Node, Map<unknown, Pair<Node, Node | null>>>;
type Found = { key?: Node | undefined; value?: Node | undefined };

/** Answers where things are in a document. */
export function positions(
  document: Document.Parsed,
  at: (offset: number) => Position,
): Pick<YamlSource, 'valueAt' | 'keyAt' | 'written'> {
  const keys: KeyIndex = new Map();
  const find = (path: ValuePath): Found => {
    let found: Found = { value: document.contents ?? undefined };
    for (const step of path) {
      const next = child(resolved(found.value, document), step, keys);
      // Keep the nearest thing that exists, so that a missing key is shown at its parent.
      if (next === undefined) return found;
      found = next;
    }
    return found;
  };
  const start = (node: Node | undefined): Position => at(node?.range?.[0] ?? 0);
  return {
    valueAt: (path) => {
      const { key, value } = find(path);
      return start(value ?? key);
    },
    keyAt: (path) => {
      const { key, value } = find(path);
      return start(key ?? value);
    },
    written: (path) => {
      const node = resolved(find(path).value, document);
      return isScalar(node) ? node.source : undefined;
    },
  };
}

function child(node: Node | undefined, step: PropertyKey, keys: KeyIndex): Found | undefined {
  if (isSeq(node)) {
    const item = node.items[Number(step)];
    return item === undefined ? undefined : { value: item as Node };
  }
  if (!isMap(node)) return undefined;
  let index = keys.get(node);
  if (index === undefined) {
    index = new Map(
      (node.items as Pair<Node, Node | null>[]).map((pair) => [isScalar(pair.key) ? pair.key.value : pair.key, pair]),
    );
    keys.set(node, index);
  }
  const pair = index.get(step);
  return pair === undefined ? undefined : { key: pair.key, value: pair.value ?? undefined };
}

function resolved(node: Node | undefined, document: Document.Parsed): Node | undefined {
  return isAlias(node) ? node.resolve(document) : node;
}
