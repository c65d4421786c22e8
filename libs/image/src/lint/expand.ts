/** What is known of variables at one place: a value, or `undefined` for one that is declared and gets its value later. */
export type Scope = ReadonlyMap<string, string | undefined>;

/** A variable named in text. */
export interface VariableUse {
  name: string;
  index: number;
  length: number;
  /** `${NAME:-word}` and the like say what happens when it is not set. */
  hasDefault: boolean;
}

const USE =
  /\$(?:([A-Za-z_][A-Za-z0-9_]*)|\{([A-Za-z_][A-Za-z0-9_]*)(?:(:?[-+])([^}]*)|(:?\?|##?|%%?|\/\/?)([^}]*))?\})/;

/** The variables that text names; those behind the escape character are plain text. */
export function variablesIn(text: string, escapeChar: string): VariableUse[] {
  const uses: VariableUse[] = [];
  for (const match of text.matchAll(new RegExp(USE, 'g'))) {
    if (isEscaped(text, match.index, escapeChar)) continue;
    const name = match[1] ?? match[2] ?? '';
    uses.push({ name, index: match.index, length: match[0].length, hasDefault: match[3] !== undefined });
  }
  return uses;
}

/** Text with its variables filled in; undefined when a value is not known. Nested defaults are not known either. */
export function expand(text: string, scope: Scope, escapeChar: string): string | undefined {
  let known = true;
  const filled = text.replaceAll(new RegExp(USE, 'g'), (whole, ...groups) => {
    const [plain, braced, operator, word, other] = groups as (string | undefined)[];
    const index = groups.at(-2) as number;
    if (isEscaped(text, index, escapeChar)) return whole;
    const name = plain ?? braced ?? '';
    const value = scope.get(name);
    if (other !== undefined || word?.includes('$') === true) known = false;
    if (operator?.endsWith('-') === true) {
      if (value !== undefined && (value !== '' || operator === '-')) return value;
      if (value === undefined && scope.has(name)) known = false;
      return word ?? '';
    }
    if (value === undefined) known = false;
    if (operator?.endsWith('+') === true) return value === '' && operator === ':+' ? '' : (word ?? '');
    return value ?? '';
  });
  return known ? filled : undefined;
}

function isEscaped(text: string, index: number, escapeChar: string): boolean {
  let count = 0;
  while (text[index - 1 - count] === escapeChar) count += 1;
  return count % 2 === 1;
}
