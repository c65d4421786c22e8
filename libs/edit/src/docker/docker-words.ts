/** Flags in front of an instruction's arguments (`--from=build`), and what stands behind them. */
export function argumentsOf(logical: string): { flags: ReadonlyMap<string, string>; rest: string } {
  const flags = new Map<string, string>();
  let rest = logical;
  for (;;) {
    const flag = /^--([a-z-]+)(?:=(\S*))?(?:\s+|$)/.exec(rest);
    if (flag === null) return { flags, rest };
    flags.set(flag[1] ?? '', flag[2] ?? '');
    rest = rest.slice(flag[0].length);
  }
}

/** The strings of a JSON list; undefined for what builders take as shell form. */
export function jsonForm(rest: string): string[] | undefined {
  if (!rest.startsWith('[')) return undefined;
  try {
    const value: unknown = JSON.parse(rest);
    return Array.isArray(value) && value.every((item) => typeof item === 'string') ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Words between blanks without their quotes; quotes and the escape character hold blanks together. */
export function wordsOf(rest: string, escapeCharacter: string): string[] {
  const words: string[] = [];
  let word: string | undefined;
  let quote: string | undefined;
  for (let at = 0; at < rest.length; at += 1) {
    const character = rest.charAt(at);
    if (character === escapeCharacter && quote !== "'" && at + 1 < rest.length) {
      at += 1;
      const next = rest.charAt(at);
      word = (word ?? '') + (/[\s"'$]/.test(next) || next === escapeCharacter ? next : escapeCharacter + next);
    } else if (quote !== undefined) {
      if (character === quote) quote = undefined;
      else word = (word ?? '') + character;
    } else if (character === '"' || character === "'") {
      quote = character;
      word ??= '';
    } else if (/\s/.test(character)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else word = (word ?? '') + character;
  }
  if (word !== undefined) words.push(word);
  return words;
}

/** `KEY=value KEY2="a b"`, or the old form `KEY a value`. */
export function keyValues(rest: string, escapeCharacter: string): [string, string][] {
  const words = wordsOf(rest, escapeCharacter);
  const [first] = words;
  if (first !== undefined && !first.includes('=')) return [[first, rest.slice(first.length).trim()]];
  return words.map((word) => {
    const equals = word.indexOf('=');
    return equals < 0 ? [word, ''] : [word.slice(0, equals), word.slice(equals + 1)];
  });
}
