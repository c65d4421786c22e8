import { decodeSource } from '../data/source-text.ts';
import { linesOf, type TextLine } from '../text/line-table.ts';

/** One instruction: lines are indexes from 0, both included; offsets are UTF-16 units of the text. */
export interface DockerInstruction {
  /** In capitals. */
  keyword: string;
  first: number;
  last: number;
  keywordStart: number;
  keywordEnd: number;
  /** The arguments with continued lines, comments between them and heredocs; without blanks at both ends. */
  argsStart: number;
  argsEnd: number;
  /** The arguments as the builder reads them: continued lines joined, comments and heredoc bodies left out. */
  logical: string;
  hasHeredoc: boolean;
  /** Number of the stage; -1 in front of the first FROM. */
  stage: number;
}

export interface Dockerfile {
  text: string;
  lines: readonly TextLine[];
  instructions: readonly DockerInstruction[];
  /** The character that continues a line: `\`, or a backtick by directive. */
  escapeCharacter: string;
}

const HEREDOC_KEYWORDS = /^(?:RUN|COPY|ADD|ONBUILD)$/;

/**
 * Finds the instructions of a Dockerfile line by line, as BuildKit does: a line that ends with one escape character goes on; comments
 * and empty lines inside it are skipped; the bodies of heredocs (RUN, COPY, ADD) belong to their instruction.
 *
 * @throws BatonError `EDIT_REFUSED` (not text)
 */
export function scanDockerfile(bytes: Uint8Array): Dockerfile {
  return scanDockerfileText(decodeSource(bytes));
}

/** The same for text that was decoded. */
export function scanDockerfileText(text: string): Dockerfile {
  const lines = linesOf(text);
  const content = (line: number): string => text.slice(lines[line]?.start, lines[line]?.end);
  const escapeCharacter = escapeDirective(lines.map((_, line) => content(line)));
  const continues = (line: string): boolean => {
    const trimmed = withoutBlanks(line);
    return trimmed.endsWith(escapeCharacter) && trimmed.at(-2) !== escapeCharacter;
  };
  const instructions: DockerInstruction[] = [];
  let stage = -1;
  for (let at = 0; at < lines.length; at += 1) {
    const first = at;
    const head = content(first);
    if (isSkipped(head)) continue;
    const parts: string[] = [];
    let argsLast = first;
    for (let line = head; ; ) {
      const goesOn = continues(line);
      parts.push(goesOn ? withoutBlanks(line).slice(0, -1) : line);
      argsLast = at;
      if (!goesOn) break;
      let next = at + 1;
      while (next < lines.length && isSkipped(content(next))) next += 1;
      if (next >= lines.length) break;
      at = next;
      line = content(at);
    }
    const keyword = /\S+/.exec(head)?.[0] ?? '';
    const name = keyword.toUpperCase();
    const logical = parts.join('').trimStart().slice(keyword.length).trim();
    const heredocs = HEREDOC_KEYWORDS.test(name) ? heredocsIn(logical) : [];
    for (const { word, isTabbed } of heredocs) {
      while (at + 1 < lines.length) {
        at += 1;
        const body = content(at);
        if ((isTabbed ? body.replace(/^\t+/, '') : body) === word) break;
      }
    }
    const last = heredocs.length > 0 ? at : argsLast;
    if (name === 'FROM') stage += 1;
    const keywordStart = (lines[first]?.start ?? 0) + (head.length - head.trimStart().length);
    const keywordEnd = keywordStart + keyword.length;
    const rest = text.slice(keywordEnd, lines[last]?.end);
    const isEmpty = rest.trim() === '';
    instructions.push({
      keyword: name,
      first,
      last,
      keywordStart,
      keywordEnd,
      argsStart: isEmpty ? keywordEnd : keywordEnd + (rest.length - rest.trimStart().length),
      argsEnd: keywordEnd + rest.trimEnd().length,
      logical,
      hasHeredoc: heredocs.length > 0,
      stage,
    });
  }
  return { text, lines, instructions, escapeCharacter };
}

/** A line without the blanks at its end; a regular expression would try each run of blanks from every one of them. */
function withoutBlanks(line: string): string {
  let end = line.length;
  while (line[end - 1] === ' ' || line[end - 1] === '\t') end -= 1;
  return line.slice(0, end);
}

function isSkipped(line: string): boolean {
  return /^\s*(?:#|$)/.test(line);
}

// Directives stand at the very top, before any other comment, each at most once.
function escapeDirective(lines: readonly string[]): string {
  for (const line of lines) {
    const directive = /^\s*#\s*([a-zA-Z][a-zA-Z0-9]*)\s*=(.*)$/.exec(line);
    const value = directive?.[2]?.trim() ?? '';
    if (directive === null || value === '') break;
    if (directive[1]?.toLowerCase() === 'escape' && (value === '`' || value === '\\')) return value;
  }
  return '\\';
}

/** `<<EOF`, `<<-EOF`, `<<"EOF"`, `0<<EOF`: words of their own, outside of quotes. */
function heredocsIn(logical: string): { word: string; isTabbed: boolean }[] {
  const words = logical.match(/(?:"(?:\\.|[^"\\])*"|'[^']*'|\\.|[^\s"'\\])+/g) ?? [];
  return words.flatMap((each) => {
    const match = /^\d*<<(-?)([^<]+)$/.exec(each);
    if (match === null) return [];
    const word = match[2]?.replace(/["']|\\(?=.)/g, '') ?? '';
    return [{ word, isTabbed: match[1] === '-' }];
  });
}
