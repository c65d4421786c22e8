import type { Digest } from '@baton/kernel';
import type { ManifestFacts } from './types.ts';

/** Which manifests lead to which: from an index to its children, and between a manifest and what is about it, both ways. */
export type Graph = ReadonlyMap<Digest, readonly Digest[]>;

/** Draws the graph of what is known. */
export function graphOf(manifests: ReadonlyMap<Digest, ManifestFacts>): Graph {
  const graph = new Map<Digest, Digest[]>();
  const edge = (from: Digest, to: Digest): void => {
    const known = graph.get(from);
    if (known === undefined) graph.set(from, [to]);
    else known.push(to);
  };
  for (const [digest, { children, subject }] of manifests) {
    for (const child of children) edge(digest, child);
    if (subject === undefined) continue;
    // What is attached stays with its image; and an attestation that stays keeps what it speaks about.
    edge(subject, digest);
    edge(digest, subject);
  }
  return graph;
}

/**
 * Everything that roots lead to, each with the name of the first root that does; what `closed` has is not entered.
 * Grows `found`, and so may go on from an earlier result.
 */
export function reach(
  roots: Iterable<readonly [name: string, digest: Digest]>,
  graph: Graph,
  closed: ReadonlyMap<Digest, string> = new Map(),
  found = new Map<Digest, string>(),
): Map<Digest, string> {
  for (const [name, root] of roots) {
    const open = [root];
    for (let digest = open.pop(); digest !== undefined; digest = open.pop()) {
      if (found.has(digest) || closed.has(digest)) continue;
      found.set(digest, name);
      open.push(...(graph.get(digest) ?? []));
    }
  }
  return found;
}
