import { escapePattern } from '@baton/edit';
import { LANGUAGES, type Language } from './languages.ts';
import { directoryOf, isAtOrBelow, isVendored, type Listing } from './listing.ts';
import type { Moves } from './moves.ts';
import type { Layout } from './proposal.ts';

/** Words that name the old toolchain here: those of its language that its own files use. */
export function oldWords(layout: Layout, listing: Listing): string[] {
  const old = oldLanguage(layout);
  const own = [
    ...layout.old.flatMap((entry) => (listing.leaves.has(entry) ? [entry] : listing.below(entry))),
    ...layout.pairs.map((pair) => pair.old),
    ...layout.collisions.map((name) => `${layout.component}/${name}`),
  ].filter((path) => !isVendored(path));
  const text = own.flatMap((path) => [path, listing.texts.get(path) ?? '']).join('\n');
  return old.words.filter((word) => word === old.name.toLowerCase() || wordPattern([word]).test(text));
}

/** The language that goes. */
export function oldLanguage(layout: Layout): Language {
  const found = LANGUAGES.find(({ name }) => name === layout.oldLanguage);
  if (found === undefined) throw new RangeError(`no such language: ${layout.oldLanguage}`);
  return found;
}

/** Whole words, in any case. */
export function wordPattern(words: readonly string[]): RegExp {
  return new RegExp(`(?<![\\p{L}\\p{N}_])(?:${words.map(escapePattern).join('|')})(?![\\p{L}\\p{N}_])`, 'iu');
}

/** A variable of the environment that a tool reads: `PIP_INDEX_URL`. */
export function variablePattern(words: readonly string[]): RegExp {
  return new RegExp(
    `(?<![A-Za-z0-9_])(?:${words.map((word) => escapePattern(word.toUpperCase())).join('|')})_[A-Z][A-Z0-9_]*`,
  );
}

const HISTORY =
  /(^|\/)(CHANGELOG|CHANGES|HISTORY|NEWS|RELEASE[-_]?NOTES)[^/]*$|(^|\/)(adrs?|decisions|rfcs?|proposals|history|archive|changelogs?|[.]changeset)\//i;

/** Whether a file tells what was, and so is never rewritten. */
export function isHistory(path: string): boolean {
  return HISTORY.test(path);
}

/** Why a line may name the old toolchain for good; undefined when only a person can tell. */
export function reasonToStay(moves: Moves, path: string, line: string, isAbout: boolean): string | undefined {
  const old = oldLanguage(moves.layout);
  if (isHistory(path)) return 'history';
  if (runsTool(moves, path, line, old)) return `a tool that is written in ${old.name}`;
  if (
    isAtOrBelow(path, moves.layout.nested) &&
    LANGUAGES.some(({ extensions }) => extensions.some((each) => path.endsWith(each)))
  )
    return 'source moves as it is';
  if (/^[.]github\/workflows\//.test(path) && !isAbout) return `not about ${moves.layout.component}`;
  return undefined;
}

// A file of that language that is still there: as an argument, or named in text.
function runsTool(moves: Moves, path: string, line: string, old: Language): boolean {
  if (!line.includes('.')) return false;
  const names = line.match(/[\w./@-]+[.]\w+/g) ?? [];
  return names.some((name) => {
    if (!old.extensions.some((extension) => name.endsWith(extension))) return false;
    const plain = name.replace(/^([.]{1,2}\/)+/, '');
    return moves.remaining.some(
      (each) => (each === plain || each === `${directoryOf(path)}/${plain}`) && !isVendored(each),
    );
  });
}
