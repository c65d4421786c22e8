import { type CST, type Document, isMap, isPair, isScalar, isSeq, type Node, type Pair, Scalar } from 'yaml';

/** How a node is written. */
export type YamlStyle = 'block' | 'flow' | 'plain' | 'single' | 'double' | 'literal' | 'folded' | 'alias';

/** A node with the places of its parts; offsets are UTF-16 indexes into the text. */
export interface YamlNode {
  kind: 'map' | 'seq' | 'scalar' | 'alias';
  style: YamlStyle;
  /** Behind the indicator or property that the content follows: the `:` or `-` of the entry, an anchor, a tag, `---`. */
  before: number;
  /** The first property (anchor, tag) or the content; `before` when there is neither. */
  start: number;
  /** The content without properties. */
  content: number;
  /** Behind the last character that is neither space nor comment; of a block scalar, before its last line ending. */
  end: number;
  anchor?: string;
  /** As written: `!!str`, `!secret`. */
  tag?: string;
  /** The data of a scalar; the name that an alias gives. */
  value?: unknown;
  /** What an alias stands for, where it stands for anything. */
  target?: YamlNode;
  /** Of a block scalar: behind its header (`|2-`). */
  header?: number;
  entries: YamlEntry[];
}

/** One item of a sequence or one pair of a mapping. */
export interface YamlEntry {
  /** The `-`, the `?` or the key with its properties; in a flow sequence the item. */
  start: number;
  end: number;
  /** Behind the `-` or the `:`; absent for a key without one and in flow sequences. */
  mark?: number;
  key?: YamlNode;
  value: YamlNode;
  /** Of a flow collection: the comma behind it. */
  comma?: number;
}

type Tokens = readonly CST.SourceToken[];
type Anchors = Map<string, YamlNode>;

const TRIVIA = new Set(['space', 'newline', 'comment', 'comma']);
const STYLES = new Map<string | undefined, YamlStyle>([
  [Scalar.QUOTE_SINGLE, 'single'],
  [Scalar.QUOTE_DOUBLE, 'double'],
  [Scalar.BLOCK_LITERAL, 'literal'],
  [Scalar.BLOCK_FOLDED, 'folded'],
]);

/**
 * The tree of one document, joined from the parser's nodes (what it means) and tokens (where it is).
 *
 * @param floor where the document begins with the comments in front of it
 */
export function buildTree(document: Document.Parsed, token: CST.Document | undefined, floor: number): YamlNode {
  const start = solid(token?.start ?? []);
  const mark = endOf(start.find(({ type }) => type === 'doc-start')) ?? floor;
  return build(document.contents, token?.value, start, mark, new Map());
}

function build(
  node: Node | null | undefined,
  token: CST.Token | undefined,
  around: Tokens,
  mark: number,
  anchors: Anchors,
): YamlNode {
  const props = around.filter(({ type }) => type === 'anchor' || type === 'tag');
  const before = endOf(props.at(-1)) ?? mark;
  const content = token?.offset ?? before;
  const anchor = props.find(({ type }) => type === 'anchor')?.source.slice(1);
  const tag = props.find(({ type }) => type === 'tag')?.source;
  const built: YamlNode = {
    kind: token?.type === 'alias' ? 'alias' : isMap(node) ? 'map' : isSeq(node) ? 'seq' : 'scalar',
    style: 'plain',
    before,
    start: props[0]?.offset ?? content,
    content,
    end: token === undefined ? before : tokenEnd(token),
    ...(anchor === undefined ? {} : { anchor }),
    ...(tag === undefined ? {} : { tag }),
    entries: [],
  };
  // Known before what is inside: a node may hold aliases of itself.
  if (anchor !== undefined) anchors.set(anchor, built);
  if (token?.type === 'alias') {
    const target = anchors.get(token.source.slice(1));
    Object.assign(built, { style: 'alias', value: token.source.slice(1), ...(target === undefined ? {} : { target }) });
  } else if (isScalar(node)) {
    // The merge key of YAML 1.1 is a symbol.
    built.value = typeof node.value === 'symbol' ? node.value.description : node.value;
    built.style = STYLES.get(node.type) ?? 'plain';
    if (token?.type === 'block-scalar') built.header = endOf(token.props[0]) ?? token.offset;
  } else if (node === null || node === undefined) {
    built.value = null;
  } else if (token?.type === 'flow-collection') {
    built.style = 'flow';
    built.entries = flowEntries(node, token, anchors);
  } else {
    built.style = 'block';
    if (isMap(node)) built.entries = node.items.map((pair) => pairEntry(pair, pair.srcToken, anchors));
    if (isSeq(node) && token?.type === 'block-seq') {
      const items = token.items.filter(({ start }) => start.some(({ type }) => type === 'seq-item-ind'));
      built.entries = items.map((item, index) => blockItem(node.items[index], item, anchors));
    }
  }
  return built;
}

function blockItem(node: unknown, item: CST.BlockSequence['items'][number], anchors: Anchors): YamlEntry {
  const start = solid(item.start);
  const at = start.findIndex(({ type }) => type === 'seq-item-ind');
  const mark = endOf(start[at]) ?? 0;
  const value = build(nodeOrNull(node), item.value, start.slice(at + 1), mark, anchors);
  return { start: start[at]?.offset ?? mark, end: value.end, mark, value };
}

function pairEntry(pair: Pair, item: CST.CollectionItem | undefined, anchors: Anchors): YamlEntry {
  const start = solid(item?.start ?? []);
  const sep = solid(item?.sep ?? []);
  const at = sep.findIndex(({ type }) => type === 'map-value-ind');
  const first = start[0]?.offset ?? item?.key?.offset ?? sep[0]?.offset ?? 0;
  const question = endOf(start.find(({ type }) => type === 'explicit-key-ind'));
  const key = build(nodeOrNull(pair.key), item?.key ?? undefined, start, question ?? first, anchors);
  const mark = endOf(sep[at]);
  const value = build(nodeOrNull(pair.value), item?.value, sep.slice(at + 1), mark ?? key.end, anchors);
  return { start: first, end: value.end, ...(mark === undefined ? {} : { mark }), key, value };
}

function flowEntries(node: Node, token: CST.FlowCollection, anchors: Anchors): YamlEntry[] {
  const nodes: readonly unknown[] = isMap(node) || isSeq(node) ? node.items : [];
  const entries: YamlEntry[] = [];
  for (const item of token.items) {
    const last = entries.at(-1);
    const comma = item.start.find(({ type }) => type === 'comma');
    if (comma !== undefined && last !== undefined) last.comma = comma.offset;
    const start = solid(item.start);
    if (start.length === 0 && !item.key && item.sep === undefined && item.value === undefined) continue;
    const found = nodes[entries.length];
    if (isPair(found)) entries.push(pairEntry(found, item, anchors));
    else if (item.sep !== undefined || start.some(({ type }) => type === 'explicit-key-ind')) {
      const [pair] = isMap(found) ? found.items : [];
      if (pair !== undefined) entries.push(singlePair(pairEntry(pair, item, anchors)));
    } else {
      const first = start[0]?.offset ?? item.value?.offset ?? 0;
      const value = build(nodeOrNull(found), item.value, start, first, anchors);
      entries.push({ start: first, end: value.end, value });
    }
  }
  return entries;
}

/** `[key: value]`: an item that is a mapping without braces. */
function singlePair(entry: YamlEntry): YamlEntry {
  const { start, end } = entry;
  const value: YamlNode = { kind: 'map', style: 'flow', before: start, start, content: start, end, entries: [entry] };
  return { start, end, value };
}

function nodeOrNull(node: unknown): Node | null {
  return isScalar(node) || isMap(node) || isSeq(node) ? node : null;
}

function solid(tokens: Tokens): Tokens {
  return tokens.filter(({ type }) => !TRIVIA.has(type));
}

function endOf(token: CST.Token | undefined): number | undefined {
  return token !== undefined && 'source' in token ? token.offset + token.source.length : undefined;
}

function tokenEnd(token: CST.Token): number {
  switch (token.type) {
    case 'block-scalar': {
      const source = token.props.map((prop) => ('source' in prop ? prop.source : '')).join('') + token.source;
      return token.offset + source.replace(/\r?\n$/, '').length;
    }
    case 'flow-collection':
      return endOf(token.end[0]) ?? token.offset;
    case 'block-map':
    case 'block-seq':
      return Math.max(token.offset, ...token.items.slice(-2).map(itemEnd));
    default:
      return endOf(token) ?? token.offset;
  }
}

function itemEnd(item: CST.CollectionItem): number {
  if (item.value !== undefined) return tokenEnd(item.value);
  return endOf(solid(item.sep ?? []).at(-1)) ?? (item.key ? tokenEnd(item.key) : endOf(solid(item.start).at(-1))) ?? 0;
}
