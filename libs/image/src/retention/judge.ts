import { compareText, type Digest } from '@baton/kernel';
import { rcompare, valid } from 'semver';
import { type Graph, graphOf, reach } from './reach.ts';
import { judgeNames, type NameRules, type TagVerdict } from './tag-rules.ts';
import type { JudgedManifest, JudgedTag, RepositoryFacts, RetentionPlan } from './types.ts';

/** What becomes of everything in a repository. */
export type Judgement = Pick<RetentionPlan, 'tags' | 'manifests' | 'couldGo'>;

type Judged = TagVerdict & { tag: string; digest: Digest };

/**
 * Judges every tag and manifest of a repository; depends on facts and rules alone, in whatever order they come.
 *
 * What a kept tag leads to stays: its image, the images of an index, what is attached to these. Tags that point at any of
 * it stay too, because registries delete by digest, and so take all tags of one digest.
 */
export function judgeRepository(facts: RepositoryFacts, rules: NameRules): Judgement {
  const names = judgeNames([...facts.tags.keys()], rules);
  const judged: Judged[] = [];
  const unknown: JudgedTag[] = [];
  for (const [tag, verdict] of [...names].sort(newestFirst)) {
    const digest = facts.tags.get(tag);
    if (digest !== undefined) judged.push({ ...verdict, tag, digest });
    else unknown.push({ tag, line: verdict.line, keep: true, rule: 'unknown', why: 'is listed, but names nothing' });
  }
  followVersions(judged);
  const { staying, going } = settle(judged, graphOf(facts.manifests));
  const tags = judged.map(
    ({ tag, digest, line, keep, rule, why }): JudgedTag => ({ tag, digest, line, keep, rule, why }),
  );
  const gone = judged.filter(({ keep, subject }) => !keep && subject === undefined);
  const freed = freedBytes(facts, going);
  return {
    tags: [...tags, ...unknown],
    manifests: [...manifestsOf(staying, true, judged), ...manifestsOf(going, false, judged)],
    couldGo: {
      tags: tags.filter(({ keep }) => !keep).length,
      images: new Set(gone.map(({ digest }) => digest)).size,
      manifests: going.size,
      bytes: freed,
    },
  };
}

// Every release has the tag of its commit: if that kept its image, no version would ever go. A commit that was never
// released has nothing to follow, and stays as any other name does.
function followVersions(judged: readonly Judged[]): void {
  const versions = new Map(judged.filter(({ line }) => line !== undefined).map(({ tag, digest }) => [digest, tag]));
  for (const one of judged) {
    const version = versions.get(one.digest);
    if (one.commit !== true || version === undefined) continue;
    Object.assign(one, { keep: false, rule: 'with-version', why: `is the commit of ${version}` });
  }
}

/** Versions first, newest first, then by text: reasons name the first tag that they can, so a version where there is one. */
function newestFirst([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  const [x, y] = [valid(a), valid(b)];
  if (x !== null && y !== null) return rcompare(x, y) || compareText(a, b);
  if (x === null && y === null) return compareText(a, b);
  return x === null ? 1 : -1;
}

/** Turns verdicts by name into final ones: a tag may only come to stay, until nothing that stays is led to by what goes. */
function settle(judged: Judged[], graph: Graph): { staying: Map<Digest, string>; going: Map<Digest, string> } {
  for (;;) {
    const staying = reach(rootsOf(judged.filter(({ keep }) => keep)), graph);
    if (keepWhatStays(judged, staying)) continue;
    const going = reach(rootsOf(judged.filter(({ keep, subject }) => !keep && subject === undefined)), graph, staying);
    if (!keepUnattached(judged, graph, staying, going)) return { staying, going };
  }
}

function rootsOf(judged: readonly Judged[]): [string, Digest][] {
  return judged.map(({ tag, digest }) => [tag, digest]);
}

/** Whether any tag came to stay because its image, or what it is about, does. */
function keepWhatStays(judged: Judged[], staying: ReadonlyMap<Digest, string>): boolean {
  const direct = new Map(
    judged
      .filter(({ keep }) => keep)
      .map(({ tag, digest }) => [digest, tag] as const)
      .reverse(),
  );
  let changed = false;
  for (const one of judged) {
    if (one.keep) continue;
    const [same, owner] = [direct.get(one.digest), staying.get(one.digest)];
    const about = one.subject === undefined ? undefined : staying.get(one.subject);
    if (about !== undefined) Object.assign(one, { keep: true, rule: 'attached', why: `is about ${about}` });
    else if (same !== undefined) Object.assign(one, { keep: true, rule: 'same-image', why: `same image as ${same}` });
    else if (owner !== undefined) Object.assign(one, { keep: true, rule: 'part', why: `part of ${owner}` });
    else continue;
    changed = true;
  }
  return changed;
}

/** Lets tags that follow an image go with it; whether one had to stay because what it is about is nowhere. */
function keepUnattached(
  judged: Judged[],
  graph: Graph,
  staying: ReadonlyMap<Digest, string>,
  going: Map<Digest, string>,
): boolean {
  const waiting = new Set(judged.filter(({ keep, subject }) => !keep && subject !== undefined));
  for (let size = -1; size !== waiting.size; ) {
    size = waiting.size;
    for (const one of waiting) {
      const about = one.subject === undefined ? undefined : going.get(one.subject);
      if (about === undefined) continue;
      one.why = `is about ${about}`;
      waiting.delete(one);
      reach([[one.tag, one.digest]], graph, staying, going);
    }
  }
  for (const one of waiting) {
    Object.assign(one, { keep: true, rule: 'attached', why: 'what it is about has no tag here' });
  }
  return waiting.size > 0;
}

function freedBytes({ manifests }: RepositoryFacts, going: ReadonlyMap<Digest, string>): number {
  const used = new Set<Digest>();
  for (const [digest, { blobs }] of manifests) {
    if (!going.has(digest)) for (const blob of blobs) used.add(blob.digest);
  }
  let bytes = 0;
  for (const digest of going.keys()) {
    const { size = 0, blobs = [] } = manifests.get(digest) ?? {};
    bytes += size;
    for (const blob of blobs) {
      if (used.has(blob.digest)) continue;
      used.add(blob.digest);
      bytes += blob.size;
    }
  }
  return bytes;
}

function manifestsOf(found: ReadonlyMap<Digest, string>, keep: boolean, judged: readonly Judged[]): JudgedManifest[] {
  const tags = Map.groupBy(judged, ({ digest }) => digest);
  return [...found]
    .map(([digest, owner]) => ({ digest, tags: (tags.get(digest) ?? []).map(({ tag }) => tag), keep, with: owner }))
    .sort((a, b) => compareText(a.digest, b.digest));
}
