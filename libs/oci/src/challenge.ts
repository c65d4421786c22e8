/** One authentication challenge of a `WWW-Authenticate` header. */
export interface Challenge {
  /** Lower case: 'basic', 'bearer'. */
  scheme: string;
  /** Parameter names in lower case; quotes and escapes already removed. */
  params: ReadonlyMap<string, string>;
  /** The bare value that some schemes carry instead of parameters. */
  token68?: string;
}

const TOKEN = /[!#$%&'*+\-.^_`|~0-9A-Za-z]+/y;
const TOKEN68 = /[A-Za-z0-9\-._~+/]+=*(?=[ \t]*(?:,|$))/y;
const QUOTED = /"((?:[^"\\]|\\[\s\S])*)"/y;
const UNQUOTED = /[^\s,"]+/y;
const SPACE = /[ \t]*/y;
const SEPARATORS = /[\s,]*/y;

/**
 * Reads all challenges of a `WWW-Authenticate` value (RFC 9110, section 11.6.1): several per header, several headers
 * joined by commas, quoted strings that hold commas, scopes with spaces.
 *
 * Never throws: what cannot be read ends the list, because a registry with an odd extra challenge still has to be
 * usable through the ones before it.
 */
export function parseChallenges(header: string | undefined): Challenge[] {
  const text = header ?? '';
  const challenges: Challenge[] = [];
  let at = 0;
  const take = (pattern: RegExp): RegExpExecArray | undefined => {
    pattern.lastIndex = at;
    const found = pattern.exec(text);
    if (found === null) return undefined;
    at = pattern.lastIndex;
    return found;
  };

  /** One `name=value`, or undefined with the position unmoved when the next word is a new scheme. */
  const parameter = (): [string, string] | undefined => {
    const start = at;
    const name = take(TOKEN)?.[0];
    take(SPACE);
    if (name !== undefined && text[at] === '=') {
      at += 1;
      take(SPACE);
      const quoted = take(QUOTED)?.[1];
      const value = quoted === undefined ? take(UNQUOTED)?.[0] : quoted.replace(/\\([\s\S])/g, '$1');
      if (value !== undefined) return [name.toLowerCase(), value];
    }
    at = start;
    return undefined;
  };

  for (;;) {
    take(SEPARATORS);
    const scheme = take(TOKEN)?.[0]?.toLowerCase();
    if (scheme === undefined) return challenges;
    const hasSpace = /[ \t]/.test(text[at] ?? '');
    take(SPACE);
    const params = new Map<string, string>();
    const first = hasSpace ? parameter() : undefined;
    if (first === undefined) {
      const token68 = hasSpace && text[at] !== ',' ? take(TOKEN68)?.[0] : undefined;
      challenges.push(token68 === undefined ? { scheme, params } : { scheme, params, token68 });
      continue;
    }
    // A parameter given twice keeps its first value: a second one may have been slipped in behind it.
    for (let next: [string, string] | undefined = first; next !== undefined; next = parameter()) {
      if (!params.has(next[0])) params.set(next[0], next[1]);
      take(SEPARATORS);
    }
    challenges.push({ scheme, params });
  }
}
