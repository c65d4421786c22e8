import { dirname } from 'node:path/posix';
import type { Tree } from '@baton/git';
import type { ResultContext } from '../model/context.ts';
import { fileKind, fileReferences } from '../scan/references/file-references.ts';
import { joinBase, resolveBase } from '../scan/references/reference.ts';
import { selectLeaves } from '../scan/select-leaves.ts';

/** What other files of a tree ask of Makefiles and Dockerfiles. */
export interface Callers {
  /** Targets by the directory that make runs in. */
  targets: ReadonlyMap<string, ReadonlySet<string>>;
  /** Stages that are built by name. */
  stages: ReadonlySet<string>;
}

const COMPOSE = /(^|\/)(docker-)?compose[^/]*\.ya?ml$/;

/** Reads the workflows, Makefiles, scripts and compose files of a tree for what they call. */
export async function whoCalls(context: ResultContext, tree: Tree): Promise<Callers> {
  const targets = new Map<string, Set<string>>();
  const stages = new Set<string>();
  const { leaves } = selectLeaves(tree, undefined, {
    only: (path) => ['workflow', 'make', 'shell'].includes(fileKind(path) ?? '') || COMPOSE.test(path),
  });
  const paths = new Map<string, string[]>();
  for (const { path, leaf } of leaves) paths.set(leaf.id, [...(paths.get(leaf.id) ?? []), path]);
  for await (const { id, bytes } of context.readBlobs(paths.keys())) {
    const text = bytes.toString('utf8');
    for (const [, stage = ''] of text.matchAll(/--target[= ]["']?([A-Za-z0-9_.-]+)/g)) {
      stages.add(stage);
    }
    for (const [, stage = ''] of text.matchAll(/^\s*target:\s*["']?([A-Za-z0-9_.-]+)/gm)) stages.add(stage);
    for (const path of paths.get(id) ?? []) addMakes(path, bytes, targets);
  }
  stages.delete('');
  return { targets, stages };
}

function addMakes(path: string, bytes: Buffer, targets: Map<string, Set<string>>): void {
  const kind = fileKind(path);
  if (kind === undefined) return;
  for (const { directory, targets: names, bases } of fileReferences(kind, bytes, path).makes) {
    for (const base of bases) {
      const inside = joinBase(base, directory);
      const resolved = inside === undefined ? undefined : resolveBase(inside, path, '');
      if (resolved === undefined) continue;
      // Its own targets are its own affair: a recipe that calls itself breaks with its file.
      if (kind === 'make' && resolved === parent(path)) continue;
      const known = targets.get(resolved) ?? new Set();
      for (const name of names) known.add(name);
      targets.set(resolved, known);
    }
  }
}

/** The directory of a path, `''` for the root. */
export function parent(path: string): string {
  const directory = dirname(path);
  return directory === '.' ? '' : directory;
}
