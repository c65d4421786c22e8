import { escapePattern } from '@baton/edit';
import { LANGUAGES } from './languages.ts';
import { baseName, isAtOrBelow, isVendored, type Listing } from './listing.ts';
import type { Pair } from './proposal.ts';

/** What tells the new one's files from the old one's: the name of its directory, and what else its language is called. */
export function marksOf(nested: string): string[] {
  const name = baseName(nested);
  const language = LANGUAGES.find(({ directories }) => directories.includes(name));
  return [...new Set([name, ...(language?.directories ?? [])])];
}

/**
 * Files outside of the component of which one is called like another but for the mark of the new one: `agent.Dockerfile` and
 * `agent-go.Dockerfile`, `docker/agent/Dockerfile` and `docker/agent-go/Dockerfile`.
 */
export function findPairs(
  listing: Listing,
  { component, nested, old }: { component: string; nested: string; old: readonly string[] },
): Pair[] {
  const marks = marksOf(nested);
  const short = baseName(component);
  const pairs: Pair[] = [];
  for (const path of listing.paths) {
    if (isAtOrBelow(path, component) || isVendored(path)) continue;
    for (const mark of marks) {
      const counterpart = withoutMark(path, short, mark);
      if (counterpart === undefined || !listing.leaves.has(counterpart) || old.includes(counterpart)) continue;
      pairs.push({ kind: kindOf(path), old: counterpart, new: path });
      break;
    }
  }
  return pairs;
}

function withoutMark(path: string, short: string, mark: string): string | undefined {
  for (const joint of ['-', '_', '.', '']) {
    const beside = `${short}${joint}${mark}`;
    const at = new RegExp(`(?<![A-Za-z0-9])${escapePattern(beside)}(?![A-Za-z0-9])`).exec(path);
    if (at !== null) return path.slice(0, at.index) + short + path.slice(at.index + beside.length);
  }
  return undefined;
}

function kindOf(path: string): Pair['kind'] {
  if (/^[.]github\/workflows\/[^/]+[.]ya?ml$/.test(path)) return 'workflow';
  return /(^|\/)([^/]*[.])?(Docker|Container)file([.][^/]*)?$/i.test(path) && !path.endsWith('.dockerignore')
    ? 'dockerfile'
    : 'file';
}
