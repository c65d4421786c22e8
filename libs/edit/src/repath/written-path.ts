/** A path as it is written, taken apart. */
export interface WrittenPath {
  /** `./`, `/` or nothing. */
  lead: string;
  /** Names in front of the first wildcard, as written and as they are meant. */
  names: readonly { raw: string; name: string }[];
  /** From the first name with a wildcard on; `''` for a slash at the end, `.` for `/.`. */
  tail: readonly string[];
}

/** How names are written in a place. */
export interface Writing {
  decode(raw: string): string;
  encode(name: string): string;
}

/** In shells, Makefiles and Dockerfiles a backslash keeps a blank. */
export function writingOf(text: string): Writing {
  if (!text.includes('\\')) return { decode: (raw) => raw, encode: (name) => name };
  return {
    decode: (raw) => raw.replace(/\\([ \t])/g, '$1'),
    encode: (name) => name.replace(/[ \t]/g, '\\$&'),
  };
}

/** Wildcards of globs, `...` of Go, `%` of make (but not an encoded byte). */
export function hasWildcard(name: string): boolean {
  return name === '...' || /[*?[\]{}]|%(?![0-9a-fA-F]{2})/.test(name);
}

/** Takes a written path apart. `literal`: nothing in it is a wildcard. */
export function readPath(text: string, writing: Writing, literal = false): WrittenPath {
  const lead = /^(?:(?:\.\/+)+|\/+)/.exec(text)?.[0] ?? '';
  const body = text.slice(lead.length);
  const raws = body === '' ? [] : body.split('/');
  const wild = literal ? -1 : raws.findIndex(hasWildcard);
  let count = wild < 0 ? raws.length : wild;
  // `dir/` and `dir/.` keep their ends: to programs that copy they are not the same as `dir`.
  while (wild < 0 && count > 1 && (raws[count - 1] === '' || raws[count - 1] === '.')) count -= 1;
  return {
    lead,
    names: raws.slice(0, count).map((raw) => ({ raw, name: writing.decode(raw) })),
    tail: raws.slice(count),
  };
}

/**
 * Writes the path that `names` lead to in the manner of `old`: its lead, its spelling of names that stay at the end, its wildcards.
 *
 * @param explicit the path must begin with `./` or `../`, because the old one began with a dot
 */
export function writePath(old: WrittenPath, names: readonly string[], writing: Writing, explicit: boolean): string {
  const raws = names.map((name) => writing.encode(name));
  for (let back = 1; back <= names.length && back <= old.names.length; back += 1) {
    const before = old.names.at(-back);
    if (before === undefined || before.name !== names.at(-back)) break;
    raws[names.length - back] = before.raw;
  }
  const parts = [...raws, ...old.tail];
  const isUp = names[0] === '..';
  const lead = old.lead.startsWith('/') ? old.lead : isUp || !explicit ? '' : old.lead === '' ? './' : old.lead;
  if (raws.length > 0) return lead + parts.join('/');
  // The directory itself: `.`, `./`, `./**` or `**`.
  if (old.lead.startsWith('/')) return lead + (old.tail.length === 1 && old.tail[0] === '' ? '' : parts.join('/'));
  if (old.tail.length === 0) return '.';
  if (old.tail.length === 1 && old.tail[0] === '') return './';
  return lead + parts.join('/');
}
