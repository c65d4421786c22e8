import { comparePaths, grepBlobs, grepTree, leafAt, type ObjectId, openObjectStore, treeObjects } from '@baton/git';
import { sha256 } from '@baton/kernel';
import type { ResultContext } from '../model/context.ts';
import type { ScanResult } from '../model/plan.ts';
import { type ForbidRule, type ForbidSettings, readForbidRule } from './forbid-rule.ts';
import { openScanCache, type ScanCache, type TreeMemory } from './scan-cache.ts';
import { chooseLeaves, scanState, visitLeaves } from './select-leaves.ts';
import { isBinary, type LineHit } from './word-search.ts';

/** What is known of a blob with a match: its lines, or that it is binary. */
type Found = 'binary' | readonly LineHit[];

/** Looks for words that must not be left in the result tree; every line that has one is a finding unless an exception names it. */
export async function forbidScan(
  context: ResultContext,
  settings: ForbidSettings,
  operation: string,
): Promise<ScanResult> {
  const rule = readForbidRule(settings);
  const cache = await openScanCache<Found>(context.cacheDir, rule.identity);
  const tree = treeKey(context, settings);
  const known = cache.recall(tree);
  const { memory, cached } =
    known === undefined ? await walk(context, rule, settings, cache) : { memory: known, cached: known.blobs };
  if (known === undefined) cache.memorize(tree, memory);
  await cache.save();
  const judged = judge(memory.files, settings, cache);
  return {
    id: settings.id ?? operation,
    operation,
    kind: 'forbid',
    ...scanState(judged, memory, settings),
    blobs: memory.blobs,
    cached,
    binary: judged.binary,
  };
}

// Names the tree and the choice of files in it.
function treeKey({ input, output }: ResultContext, settings: ForbidSettings): string {
  // A tree that was put together has no name yet; naming it hashes the changed directories alone.
  const id = output.id ?? treeObjects(input.id?.length === 64 ? 'sha256' : 'sha1', output).id;
  return sha256(JSON.stringify([id, settings.in ?? null, settings.not ?? null]));
}

async function walk(
  context: ResultContext,
  rule: ForbidRule,
  settings: ForbidSettings,
  cache: ScanCache<Found>,
): Promise<{ memory: TreeMemory; cached: number }> {
  const choice = chooseLeaves(settings.in, { not: settings.not });
  const unknown = new Set<ObjectId>();
  const ids = new Set<ObjectId>();
  visitLeaves(context.output, '', (leaf, below, name) => {
    if (ids.has(leaf.id) || !choice.takes(leaf, below, name)) return;
    ids.add(leaf.id);
    if (cache.get(leaf.id) === undefined) unknown.add(leaf.id);
  });
  const cached = ids.size - unknown.size;
  await lookInto(context, rule, unknown, choice.isPlain && cached === 0, cache);
  const files: [string, ObjectId][] = [];
  visitLeaves(context.output, '', (leaf, below, name) => {
    // In this order: most blobs have nothing, and their paths are not even put together. All globs are asked of every file.
    if (choice.isPlain && cache.get(leaf.id) === null) return;
    if (choice.takes(leaf, below, name) && cache.get(leaf.id) !== null) files.push([below + name, leaf.id]);
  });
  files.sort(([a], [b]) => comparePaths(a, b));
  return { memory: { blobs: ids.size, files, idle: choice.idle() }, cached };
}

async function lookInto(
  context: ResultContext,
  rule: ForbidRule,
  unknown: Set<ObjectId>,
  isWholeTree: boolean,
  cache: ScanCache<Found>,
): Promise<void> {
  if (unknown.size === 0) return;
  const candidates =
    rule.candidates === undefined ? unknown : await candidatesOf(context, rule.candidates, unknown, isWholeTree);
  const toRead = [...candidates];
  for (const id of toRead) unknown.delete(id);
  cache.setNothing(unknown);
  for await (const { id, bytes } of context.readBlobs(toRead)) {
    context.signal?.throwIfAborted();
    if (isBinary(bytes)) {
      cache.set(id, 'binary');
      continue;
    }
    const hits = rule.search(bytes);
    cache.set(id, hits.length === 0 ? null : hits);
  }
}

async function candidatesOf(
  context: ResultContext,
  words: NonNullable<ForbidRule['candidates']>,
  unknown: ReadonlySet<ObjectId>,
  isWholeTree: boolean,
): Promise<Set<ObjectId>> {
  const store = await openObjectStore(context.repository);
  try {
    if (!isWholeTree) {
      const objects = context.objects.filter(({ type, id }) => type === 'blob' && unknown.has(id));
      return await grepBlobs(store, [...unknown], { ...words, objects });
    }
    // Nothing is known yet: git searches the tree as it is, which saves making one of the blobs.
    const root = store.treeObjects(context.output);
    const objects = new Map([...context.objects, ...root.objects].map((object) => [object.id, object]));
    const found = new Set<ObjectId>();
    for (const path of await grepTree(store, root.id, { ...words, objects: [...objects.values()] })) {
      const file = leafAt(context.output, path);
      if (file !== undefined) found.add(file.id);
    }
    // Git does not look into links: they are few, and are all read.
    visitLeaves(context.output, '', ({ mode, id }) => {
      if (mode === '120000') found.add(id);
    });
    return found;
  } finally {
    await store.close();
  }
}

function judge(
  files: TreeMemory['files'],
  settings: ForbidSettings,
  cache: ScanCache<Found>,
): Pick<ScanResult, 'findings' | 'allowed' | 'unusedExceptions' | 'binary'> {
  const exceptions = (settings.except ?? []).map((exception) => ({
    ...exception,
    line: exception.line.trim(),
    uses: 0,
  }));
  const findings: ScanResult['findings'][number][] = [];
  const allowed: ScanResult['allowed'][number][] = [];
  const binaries = new Set<ObjectId>();
  for (const [path, id] of files) {
    const found = cache.get(id);
    if (found === undefined || found === null) continue;
    if (found === 'binary') {
      binaries.add(id);
      continue;
    }
    const here = exceptions.filter((exception) => exception.path === path);
    for (const { line, column, text, words } of found) {
      const exception = here.find((candidate) => candidate.line === text);
      if (exception === undefined) {
        findings.push({ path, line, column, text, what: words.join(', ') });
        continue;
      }
      exception.uses += 1;
      allowed.push({ path, line, text, reason: exception.reason });
    }
  }
  const unusedExceptions = exceptions.filter(({ uses }) => uses === 0).map(({ path, line }) => ({ path, what: line }));
  return { findings, allowed, unusedExceptions, binary: binaries.size };
}
