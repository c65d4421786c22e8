/** A piece of text that may be a path: offsets are UTF-16 units. */
export interface Token {
  start: number;
  end: number;
  /** As written. */
  text: string;
  /** What stands in front of it as a variable: the root of the repository, or the directory that a command runs in. */
  variable: 'root' | 'cwd' | undefined;
  /** It stands where a directory or file must stand, so that a bare name is one: behind `cd`, `-C`, `working-directory:`. */
  isExpected: boolean;
  /** It ends with a `?` and nothing is behind it: a question, rather than a glob. */
  isQuestion: boolean;
}

// Everything but blanks, quotes, brackets and the signs that separate words in shells, YAML, make and prose. A set or choice of a
// glob and an escaped blank may stand inside, but not at the start.
const PLAIN =
  '[^\\s"\'`<>|&;:,()#=!^$\\\\{}\\[\\]\\p{C}\\u2018-\\u201f\\u00ab\\u00bb\\u3001-\\u3003\\u3008-\\u3011\\uff01-\\uff0f\\uff1a-\\uff20]';
const TOKEN = new RegExp(`${PLAIN}(?:${PLAIN}|\\\\[ \\t](?=\\S)|\\{[^{}\\s]*\\}|\\[[^\\[\\]\\s/]+\\])*`, 'gu');
const URL = /[a-zA-Z][a-zA-Z0-9+.-]*:\/\/[^\s"'<>`)\]]*/g;
const EXPECTING =
  /(?:(?:^|[\s;&(])(?:cd|pushd)[ \t]+|(?:^|\s)(?:-C|--directory|--chdir|--prefix)[ \t=]?|(?:working-directory|directory|context|dir|path|file|dockerfile):[ \t]+)["']?$/;
const ROOT =
  /^(?:[\w.]*[_.])?(?:root|root_?dir|root_?path|workspace|top_?dir|top_?level|repo|repo_?dir|project_?dir|sources_?directory)$/i;
/** Editors: `${workspaceFolder}`, `${workspaceFolder:name}`, `${localWorkspaceFolder}`. */
const FOLDER = /^(?:local|container)?workspace(?:folder|root)(?::[^:]*)?$/i;
const CWD = /^(?:pwd|curdir|shell pwd)$/i;

/** Everything in a text that may be a path, from left to right. URLs are left out, and so is text glued to a variable. */
export function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  const urls = text.matchAll(URL);
  let url = urls.next().value;
  for (const match of text.matchAll(TOKEN)) {
    const start = match.index;
    while (url !== undefined && url.index + url[0].length <= start) url = urls.next().value;
    if (url !== undefined && url.index < start + match[0].length) continue;
    const token = tokenAt(text, start, match[0]);
    if (token !== undefined) tokens.push(token);
  }
  return tokens;
}

function tokenAt(text: string, from: number, found: string): Token | undefined {
  let start = from;
  let end = from + found.length;
  let variable: Token['variable'];
  const before = text[start - 1] ?? '';
  if (before === '$') {
    const slash = found.indexOf('/');
    variable = slash < 0 ? undefined : kindOfVariable(found.slice(0, slash));
    if (variable === undefined) return undefined;
    start += slash + 1;
  } else if ('})'.includes(before) && before !== '') {
    variable = found.startsWith('/') ? kindOfVariable(variableBefore(text, start)) : undefined;
    if (variable === undefined) return undefined;
    start += 1;
  }
  const bold = /^\*{1,3}(?=[^*/.])/.exec(text.slice(start, start + 4))?.[0] ?? '';
  if (bold !== '' && text.slice(start, end).endsWith(bold)) {
    start += bold.length;
    end -= bold.length;
  }
  // A variable or an open glob behind it belongs to its last name, which nobody knows then.
  const behind = text[end] ?? '';
  if (behind !== '' && '${['.includes(behind)) end = text.lastIndexOf('/', end - 1) + 1;
  if (end <= start) return undefined;
  const isQuestion = text[end - 1] === '?' && /^(?:[\s)]|$)/.test(text.slice(end, end + 1));
  return { start, end, text: text.slice(start, end), variable, isExpected: isExpected(text, start), isQuestion };
}

function isExpected(text: string, start: number): boolean {
  const line = text.lastIndexOf('\n', start - 1) + 1;
  return EXPECTING.test(text.slice(Math.max(line, start - 40), start));
}

function variableBefore(text: string, end: number): string {
  const near = text.slice(Math.max(0, end - 120), end);
  return (
    /\$(?:\{\{([^{}]*)\}\}|\{([^{}]*)\}|\(([^()]*)\))$/
      .exec(near)
      ?.slice(1)
      .find((name) => name !== undefined) ?? ''
  );
}

function kindOfVariable(name: string): Token['variable'] {
  const bare = name.trim();
  if (bare === 'git rev-parse --show-toplevel' || bare === 'shell git rev-parse --show-toplevel' || ROOT.test(bare))
    return 'root';
  if (FOLDER.test(bare)) return 'root';
  return CWD.test(bare) ? 'cwd' : undefined;
}
