import { dirname } from 'node:path/posix';
import { type MakefileFacts, type MakeTarget, makefileFacts } from '@baton/edit';
import { leafAt, type ObjectId, type Tree } from '@baton/git';
import { BatonError } from '@baton/kernel';
import { resolveBase } from '../scan/references/reference.ts';
import { compareCapabilities, type Parity } from './capabilities.ts';

/** A Makefile of a tree. */
export interface MakeFile {
  tree: Tree;
  path: string;
}

/**
 * Compares what two Makefiles give to those who call them: targets that other files of the result tree ask for by `make x`, and
 * whether they are phony. Included files count. Targets that nobody calls may come and go.
 *
 * @param called targets that are asked for in the Makefile's directory
 */
export async function makeParity(
  before: MakeFile,
  after: MakeFile,
  called: ReadonlySet<string>,
  readBlob: (id: ObjectId) => Promise<Buffer>,
): Promise<Parity> {
  const [old, now] = [await targetsOf(before, readBlob), await targetsOf(after, readBlob)];
  const texts = (targets: readonly MakeTarget[]): string[] =>
    [...called].flatMap((name) => {
      const target = targets.find((one) => one.name === name) ?? targets.find((one) => isMade(one, name));
      if (target === undefined) return [];
      return [`target ${name}`, ...(target.phony ? [`phony ${name}`] : [])];
    });
  return compareCapabilities(texts(old), texts(now));
}

async function targetsOf(
  { tree, path }: MakeFile,
  readBlob: (id: ObjectId) => Promise<Buffer>,
  seen = new Set<string>(),
): Promise<MakeTarget[]> {
  const found = leafAt(tree, path);
  if (found === undefined || seen.has(path)) return [];
  seen.add(path);
  let facts: MakefileFacts;
  try {
    facts = makefileFacts(await readBlob(found.id));
  } catch (error) {
    if (error instanceof BatonError && seen.size > 1) return [];
    throw error;
  }
  const targets = [...facts.targets];
  const directory = dirname([...seen][0] ?? path);
  for (const include of facts.includes) {
    const other = resolveBase('.', `${directory}/_`, include.path);
    if (other !== undefined && !/[$*?[]/.test(include.path)) {
      targets.push(...(await targetsOf({ tree, path: other }, readBlob, seen)));
    }
  }
  return targets;
}

function isMade({ name, pattern }: MakeTarget, wanted: string): boolean {
  if (!pattern) return false;
  const [start = '', end = ''] = name.split('%');
  return wanted.length > start.length + end.length && wanted.startsWith(start) && wanted.endsWith(end);
}
