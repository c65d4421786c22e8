import { BatonError } from '@baton/kernel';
import { findPairs } from './find-pairs.ts';
import { isToolFile, LANGUAGES, type Language, languageOf } from './languages.ts';
import { baseName, directoryOf, isAtOrBelow, isVendored, type Listing } from './listing.ts';
import type { Layout, LayoutHints } from './proposal.ts';

/**
 * Where old and new live.
 *
 * @throws BatonError `CUTOVER_NOT_FOUND` (nothing like it), `USAGE` (several that are as likely; a hint that names nothing)
 */
export function findLayout(listing: Listing, hints: LayoutHints = {}): Layout {
  refuseEmptyHints(listing, hints);
  const [best, second, ...others] = distinct(candidates(listing, hints));
  if (best === undefined) throw nothingFound(listing, hints);
  if (second !== undefined && best.score - second.score < CLEARLY) throw ambiguous([best, second, ...others]);
  const { component, nested, oldLanguage, newLanguage } = best;
  const old = hints.old ?? oldEntries(listing, component, nested, oldLanguage);
  return {
    component,
    nested,
    old,
    oldLanguage: oldLanguage.name,
    newLanguage: newLanguage.name,
    collisions: collisionsOf(listing, component, nested, old),
    pairs: findPairs(listing, { component, nested, old }),
  };
}

/** By how much one must be more likely than the next one to be taken without asking. */
const CLEARLY = 2;

/** Likeliest first, one per directory; a module inside of another one is a part of it. */
function distinct(found: readonly Candidate[]): Candidate[] {
  const sorted = [...found].sort(
    (a, b) => b.score - a.score || a.nested.length - b.nested.length || (a.nested < b.nested ? -1 : 1),
  );
  return sorted.filter(
    ({ nested }, index) =>
      sorted.findIndex((other) => other.nested === nested) === index &&
      !sorted.some((other) => other.nested !== nested && isAtOrBelow(nested, other.nested)),
  );
}

function refuseEmptyHints(listing: Listing, { old = [], nested, component }: LayoutHints): void {
  const directories = [
    { option: '--nested', path: nested },
    { option: '--component', path: component },
  ];
  for (const { option, path } of directories) {
    if (path === undefined || listing.below(path).length > 0) continue;
    throw new BatonError('USAGE', `${option} ${path}: the commit has no such directory`, {
      hint: 'Name it from the root of the repository, without a slash at the end.',
    });
  }
  const absent = old.filter((path) => path === '' || !listing.exists(path));
  if (absent.length > 0) {
    throw new BatonError('USAGE', `--old ${absent.join(', ')}: the commit has no such file or directory`, {
      hint: 'Name them from the root of the repository, without a slash at the end.',
    });
  }
  if (nested === undefined || component === undefined || (nested !== component && isAtOrBelow(nested, component)))
    return;
  throw new BatonError('USAGE', `--nested ${nested} is not below --component ${component}`, {
    hint: 'The component is the directory that both implementations live in.',
  });
}

function ambiguous(found: readonly Candidate[]): BatonError {
  const lines = found.map(
    ({ nested, component, oldLanguage, newLanguage }) =>
      `  --nested ${nested}   (${newLanguage.name}, beside ${oldLanguage.name} in ${component})`,
  );
  return new BatonError('USAGE', `${found.length} directories could be the new implementation`, {
    hint: ['Say which one, and make a manifest for each:', ...lines].join('\n'),
    details: { nested: found.map(({ nested }) => nested) },
  });
}

function nothingFound(listing: Listing, hints: LayoutHints): BatonError {
  const what = 'no module of one language was found in a directory beside an implementation in another language';
  const modules = modulesOf(listing).filter(
    ({ directory }) => hints.nested === undefined || hints.nested === directory,
  );
  const fail = (message: string, hint: string): BatonError => new BatonError('CUTOVER_NOT_FOUND', message, { hint });
  const flat = modules.find(({ directory, language }) =>
    modules.some((other) => other.directory === directory && other.language !== language),
  );
  if (flat !== undefined) {
    const where = flat.directory === '' ? 'the root' : flat.directory;
    return fail(
      `${where} has modules of two languages side by side: nothing is nested that could take a place`,
      'There is nothing to flatten: write the manifest by hand, with "delete" for the old files.',
    );
  }
  const atRoot = modules.find(
    ({ directory, language }) =>
      directory !== '' &&
      !directory.includes('/') &&
      listing.paths.some((path) => {
        const own = path.includes('/')
          ? undefined
          : (LANGUAGES.find((each) => isToolFile(each, path)) ?? languageOf(path));
        return own !== undefined && own !== language;
      }),
  );
  if (atRoot !== undefined && hints.component === undefined) {
    return fail(
      `${atRoot.directory} is a module beside the root itself, and a component has to be a directory below it`,
      `If the old implementation is the root, write the manifest by hand: flatten: {dir: ${atRoot.directory}, into: .}. Else name both: --component and --nested.`,
    );
  }
  if (listing.paths.length === 0) return fail(`${what}: the commit has no files`, 'Name another commit with --base.');
  return fail(what, 'Name both: the directory of the new implementation with --nested, and what is old with --old.');
}

function modulesOf(listing: Listing): { directory: string; language: Language }[] {
  return listing.paths.flatMap((path) => {
    const language = LANGUAGES.find(({ markers }) => markers.includes(baseName(path)));
    return language === undefined || isVendored(path) ? [] : [{ directory: directoryOf(path), language }];
  });
}

interface Candidate {
  component: string;
  nested: string;
  oldLanguage: Language;
  newLanguage: Language;
  score: number;
}

function candidates(listing: Listing, hints: LayoutHints): Candidate[] {
  const found: Candidate[] = [];
  for (const path of listing.paths) {
    const newLanguage = LANGUAGES.find(({ markers }) => markers.includes(baseName(path)));
    const nested = directoryOf(path);
    if (
      newLanguage === undefined ||
      isVendored(path) ||
      nested === '' ||
      /(^|\/)(testdata|fixtures|examples?)\//.test(path)
    )
      continue;
    if (hints.nested !== undefined && hints.nested !== nested) continue;
    const component = hints.component ?? directoryOf(nested);
    if (component === '' || !isAtOrBelow(nested, component) || component === nested) continue;
    const oldLanguage = languageBeside(listing, component, nested, newLanguage);
    if (oldLanguage !== undefined)
      found.push({
        component,
        nested,
        oldLanguage,
        newLanguage,
        score: score(listing, component, nested, newLanguage),
      });
  }
  return found;
}

// The language of most files of the component that are not the nested one's: a module of it must be there, too.
function languageBeside(listing: Listing, component: string, nested: string, other: Language): Language | undefined {
  const counts = new Map<Language, number>();
  for (const path of listing.below(component)) {
    if (isAtOrBelow(path, nested) || isVendored(path)) continue;
    const language = LANGUAGES.find((each) => isToolFile(each, baseName(path))) ?? languageOf(path);
    if (language !== undefined && language !== other) counts.set(language, (counts.get(language) ?? 0) + 1);
  }
  return [...counts].sort(([, a], [, b]) => b - a)[0]?.[0];
}

function score(listing: Listing, component: string, nested: string, language: Language): number {
  const besides = `${baseName(component)}-${baseName(nested)}`;
  return (
    (language.directories.includes(baseName(nested)) ? 4 : 0) +
    (listing.paths.some((path) => !isAtOrBelow(path, component) && path.includes(besides)) ? 4 : 0) +
    Math.min(3, listing.below(nested).filter((path) => languageOf(path) === language).length / 5)
  );
}

/** Entries of the component that belong to the old implementation: sources, vendored code of it, files of its tools. */
function oldEntries(listing: Listing, component: string, nested: string, old: Language): string[] {
  const names = new Set(listing.below(component).map((path) => path.slice(component.length + 1).split('/')[0] ?? ''));
  return [...names]
    .map((name) => `${component}/${name}`)
    .filter((entry) => !isAtOrBelow(nested, entry) && belongsTo(listing, entry, old));
}

function belongsTo(listing: Listing, entry: string, old: Language): boolean {
  const name = baseName(entry);
  if (listing.leaves.has(entry)) {
    if (isToolFile(old, name) || languageOf(entry) === old) return true;
    // What hides the old one's leftovers from the image's context.
    return (
      name === '.dockerignore' && old.caches.some(({ pattern }) => (listing.texts.get(entry) ?? '').includes(pattern))
    );
  }
  const files = listing.below(entry);
  const share = (language: Language | undefined): number =>
    files.filter((path) => languageOf(path) === language).length;
  return (
    files.some((path) => isToolFile(old, baseName(path))) ||
    (share(old) > 0 && LANGUAGES.every((each) => each === old || share(each) < share(old)))
  );
}

function collisionsOf(listing: Listing, component: string, nested: string, old: readonly string[]): string[] {
  const namesBelow = (directory: string): Set<string> =>
    new Set(listing.below(directory).map((path) => path.slice(directory.length + 1).split('/')[0] ?? ''));
  const outer = namesBelow(component);
  return [...namesBelow(nested)]
    .filter((name) => outer.has(name) && !old.includes(`${component}/${name}`) && `${component}/${name}` !== nested)
    .sort();
}
