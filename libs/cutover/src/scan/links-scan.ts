import { type MarkdownFacts, markdownFacts } from '@baton/edit';
import { entryAt, leafAt, type ObjectId, type Tree } from '@baton/git';
import type { ResultContext } from '../model/context.ts';
import type { ScanOperation } from '../model/manifest.ts';
import type { ScanResult } from '../model/plan.ts';
import { judgeReference } from './judge-reference.ts';
import { linkReference } from './link-reference.ts';
import { type DeadReference, sortOut } from './reference-result.ts';
import type { PathReference } from './references/reference.ts';
import { openScanCache, type ScanCache } from './scan-cache.ts';
import { scanState, selectLeaves } from './select-leaves.ts';
import { isAlive, meanings, type TreeSide } from './tree-side.ts';

// Raised whenever the same file could have other links or anchors.
const RULE = 'links 1';
const MARKDOWN = /\.(md|markdown|mdown)$/i;
// Written by programs, and too slow to parse for what it could tell.
const LARGEST = 4 * 1024 * 1024;
const NOTHING: MarkdownFacts = { links: [], anchors: [] };

/** Looks for links and images of Markdown files whose file or heading is not in the result tree. */
export async function linksScan(
  context: ResultContext,
  settings: Extract<ScanOperation, { links: unknown }>['links'],
  operation: string,
): Promise<ScanResult> {
  const cache = await openScanCache<MarkdownFacts>(context.cacheDir, RULE);
  const isMarkdown = (path: string): boolean => MARKDOWN.test(path);
  const selection = selectLeaves(context.output, settings.in, { only: isMarkdown });
  const files = selection.leaves.filter(({ leaf }) => leaf.mode !== '120000');
  const ids = new Set(files.map(({ leaf }) => leaf.id));
  const unknown = [...ids].filter((id) => cache.get(id) === undefined);
  for await (const { id, bytes } of context.readBlobs(unknown)) {
    context.signal?.throwIfAborted();
    remember(cache, id, bytes);
  }
  const factsOf = async (id: ObjectId): Promise<MarkdownFacts> => {
    const known = cache.get(id);
    if (known !== undefined) return known ?? NOTHING;
    return remember(cache, id, await context.readBlob(id));
  };
  const dead: DeadReference[] = [];
  for (const { path, leaf } of files) {
    const after = sideOf(context.output, path);
    for (const link of (await factsOf(leaf.id)).links) {
      const reference = linkReference(link);
      if (reference === undefined) continue;
      const state = await stateOf(reference, after, factsOf);
      if (state === 'alive') continue;
      const source = context.sourceOf(path);
      const before = source === undefined ? undefined : sideOf(context.input, source);
      const old = source === undefined ? undefined : leafAt(context.input, source);
      const said = old === undefined ? NOTHING : await factsOf(old.id);
      const verdict = judgeReference(context, reference, after, {
        before,
        saidBefore: said.links.some(({ url }) => url === link.url),
        wasAlive: before !== undefined && (await stateOf(reference, before, factsOf)) === 'alive',
      });
      const what = state === 'no heading' ? `${reference.what} to a heading` : reference.what;
      dead.push({ path, line: link.line, text: link.url, what, ...verdict });
    }
  }
  await cache.save();
  const exceptions = (settings.except ?? []).map(({ path, link, reason }) => ({ path, reference: link, reason }));
  return {
    id: operation,
    operation,
    kind: 'links',
    ...scanState(sortOut(dead, exceptions), selection, settings),
    blobs: ids.size,
    cached: ids.size - unknown.length,
    binary: 0,
  };
}

function remember(cache: ScanCache<MarkdownFacts>, id: ObjectId, bytes: Buffer): MarkdownFacts {
  const facts = bytes.byteLength > LARGEST ? NOTHING : markdownFacts(bytes);
  cache.set(id, facts.links.length === 0 && facts.anchors.length === 0 ? null : facts);
  return facts;
}

function sideOf(tree: Tree, path: string): TreeSide {
  return { tree, path, contexts: () => [] };
}

async function stateOf(
  reference: PathReference,
  side: TreeSide,
  factsOf: (id: ObjectId) => Promise<MarkdownFacts>,
): Promise<'alive' | 'no file' | 'no heading'> {
  if (!isAlive(reference, side)) return 'no file';
  const { anchor } = reference;
  if (anchor === undefined) return 'alive';
  for (const path of meanings(reference, side)) {
    const node = entryAt(side.tree, path);
    // Anchors of other files are made by whatever shows them: line numbers, headings of a directory's README.
    if (node?.kind !== 'leaf' || node.mode === '120000' || !MARKDOWN.test(path)) return 'alive';
    const { anchors } = await factsOf(node.id);
    if (anchors.some((one) => one.toLowerCase() === anchor.toLowerCase())) return 'alive';
  }
  return 'no heading';
}
