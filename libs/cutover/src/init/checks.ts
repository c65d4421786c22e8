import { escapePattern } from '@baton/edit';
import type { Criterion, ScanOperation } from '../model/manifest.ts';
import { oldWords, wordPattern } from './judge-words.ts';
import { baseName, isAtOrBelow } from './listing.ts';
import type { Moves } from './moves.ts';
import type { Place } from './proposal.ts';

/**
 * The scans of a proposal: no word of the old toolchain, no name of the old layout, no link or path that leads nowhere. Lines that
 * name the old layout and of which no rule knows why they may are `left` for a person.
 */
export function proposeScans(
  moves: Moves,
  places: readonly Place[],
  manifest: string,
): { scans: ScanOperation[]; left: Place[] } {
  const { layout, listing } = moves;
  const { component, nested } = layout;
  const words = oldWords(layout, listing);
  const word = wordPattern(words);
  const target = (path: string): string => moves.after(path) ?? path;
  const files = [...new Set(places.filter(({ text }) => word.test(text)).map(({ path }) => target(path)))].filter(
    (path) => !isAtOrBelow(path, component),
  );
  const names = [nested, ...moves.renames.map(({ from }) => from)].filter(
    (name, index) => index === 0 || places.some(({ text }) => text.includes(name)),
  );
  const layoutPattern = `(?<![A-Za-z0-9_.-])(?:${names.map(escapePattern).join('|')})(?![A-Za-z0-9_-]|[.][A-Za-z0-9_])`;
  const vendored = moves.existsAfter(`${component}/vendor`) ? [`${component}/vendor/**`] : [];
  const isGone = !moves.existsAfter(nested);
  const named = isGone ? layoutLines(moves, layoutPattern) : [];
  const scans: ScanOperation[] = [
    {
      forbid: {
        id: 'no-old-toolchain',
        pattern: words,
        'ignore-case': true,
        in: [`${component}/**`, ...files.map(asGlob).sort()],
        ...(vendored.length > 0 ? { not: vendored } : {}),
        except: exceptions(places, word, target),
      },
    },
    ...(isGone
      ? [
          {
            forbid: {
              id: 'no-old-layout',
              pattern: layoutPattern,
              regex: true,
              word: false,
              not: [manifest, ...vendored],
              except: unique(
                named.flatMap(({ path, left, reason }) =>
                  reason === undefined ? [] : [{ path: target(path), line: left.trim(), reason }],
                ),
              ),
            },
          },
        ]
      : []),
    { links: {} },
    { 'dead-paths': {} },
  ];
  const known = new Set(places.map(({ path, line }) => `${line} ${path}`));
  const left = named.filter(({ path, line, reason }) => reason === undefined && !known.has(`${line} ${path}`));
  return {
    scans,
    left: left.map(({ path, line, left: text }) => ({
      path,
      line,
      text,
      decision: 'human',
      reason: 'names the old layout',
    })),
  };
}

// A file's name may hold what means something in a glob.
function asGlob(path: string): string {
  return path.replace(/[*?[\]{}\\]/g, '\\$&');
}

type Exception = { path: string; line: string; reason: string };

function exceptions(places: readonly Place[], pattern: RegExp, target: (path: string) => string): Exception[] {
  return unique(
    places
      .filter(({ decision, text }) => decision === 'stay' && pattern.test(text))
      .map(({ path, text, reason }) => ({ path: target(path), line: text.trim(), reason })),
  );
}

/** Lines of the result that name the old layout, and why they may; without a reason a person has to say it. */
function layoutLines(
  moves: Moves,
  source: string,
): { path: string; line: number; left: string; reason: string | undefined }[] {
  const pattern = new RegExp(source, 'u');
  return moves.remaining.flatMap((path) => {
    const text = moves.listing.texts.get(path);
    if (text === undefined || !pattern.test(text)) return [];
    const changed = moves.changed?.get(path);
    return text.split('\n').flatMap((line, index) => {
      const left = changed?.lines.get(index + 1) ?? (changed?.gone.has(index + 1) === true ? '' : line);
      const found = pattern.exec(left);
      if (found === null) return [];
      const isAddress = /:\/\/\S*$/.test(left.slice(0, found.index));
      const reason = changed?.stays.get(index + 1) ?? (isAddress ? 'the address of something else' : undefined);
      return [{ path, line: index + 1, left, reason }];
    });
  });
}

function unique(list: readonly Exception[]): Exception[] {
  return list.filter(
    (item, index) => list.findIndex((other) => other.path === item.path && other.line === item.line) === index,
  );
}

/** The acceptance list of a proposal. */
export function proposeCriteria(moves: Moves): Criterion[] {
  const { component, nested, old, pairs, collisions } = moves.layout;
  const below = moves.listing.below(nested);
  const marker = below.find(
    (path) =>
      !path.slice(nested.length + 1).includes('/') &&
      /(^|\/)(go[.]mod|Cargo[.]toml|package[.]json|pyproject[.]toml|pom[.]xml|Gemfile)$/.test(path),
  );
  const source = below.find(
    (path) => !path.slice(nested.length + 1).includes('/') && /[.](go|rs|[cm]?[jt]sx?|py|rb|java)$/.test(path),
  );
  const at = (path: string): string => moves.after(path) ?? path;
  const parity = pairs.filter(({ kind }) => kind !== 'file');
  return [
    ...(marker === undefined
      ? []
      : [{ id: 'module', text: 'the module is where the old one was', exists: at(marker) }]),
    ...(moves.existsAfter(nested) ? [] : [{ id: 'nested-gone', text: 'nothing is nested any more', absent: nested }]),
    ...(old.length === 0
      ? []
      : [
          {
            id: 'old-gone',
            text: 'nothing of the old implementation is left, wherever it might have gone',
            absent: old,
            blobs: true,
          },
        ]),
    ...(source === undefined
      ? []
      : [{ id: 'source-untouched', text: 'source moves as it is', 'same-blob': { from: source, to: at(source) } }]),
    ...parity.map((pair) => ({
      id: `${pair.kind}-${baseName(pair.old)
        .replace(/[^a-z0-9]+/gi, '-')
        .toLowerCase()}`,
      text: 'it still does what it did',
      parity: { kind: pair.kind as 'workflow' | 'dockerfile', old: pair.old, new: pair.old },
    })),
    ...(collisions.includes('Makefile')
      ? [
          {
            id: 'makefile',
            text: 'every target that others call is there',
            parity: { kind: 'makefile' as const, old: `${component}/Makefile`, new: `${component}/Makefile` },
          },
        ]
      : []),
  ];
}
