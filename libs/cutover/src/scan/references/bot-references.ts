import { jsonStrings } from '@baton/edit';
import { BatonError } from '@baton/kernel';
import { filterReferences } from './filter-references.ts';
import type { PathReference } from './reference.ts';
import { itemsOf, readYaml, textOf, valueAt } from './yaml-file.ts';

const RENOVATE_KEYS = new Set(['matchFileNames', 'matchPaths', 'includePaths', 'ignorePaths', 'baseDirs']);

/** The directories of Dependabot's updates. */
export function dependabotReferences(text: string): PathReference[] {
  const yaml = readYaml(text);
  return itemsOf(valueAt(yaml.root, 'updates')).flatMap((update) =>
    [...itemsOf(valueAt(update, 'directory')), ...itemsOf(valueAt(update, 'directories'))].flatMap((node) =>
      directoryReference(textOf(node) ?? '', yaml.lineOf(node)),
    ),
  );
}

// Directories are looked up as such; a glob stands for directories, so it must have a file below.
function directoryReference(text: string, line: number): PathReference[] {
  const what = 'dependabot directory';
  return filterReferences(text, line, what).map((reference) =>
    reference.glob === true
      ? { ...reference, target: `${reference.target.replace(/\/+$/, '')}/**` }
      : { ...reference, kind: 'directory' as const },
  );
}

/** Globs of Renovate's rules; patterns (`/.../`) are not looked into. */
export function renovateReferences(bytes: Buffer): PathReference[] {
  try {
    return jsonStrings(bytes, 'json5').flatMap(({ path, value, line }) => {
      const key = path.findLast((part) => typeof part === 'string');
      if (key === undefined || !RENOVATE_KEYS.has(key) || /^!?\/.*\/i?$/.test(value)) return [];
      return filterReferences(value, line, key);
    });
  } catch (error) {
    if (error instanceof BatonError) return [];
    throw error;
  }
}
