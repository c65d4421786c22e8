import { BatonError } from '@baton/kernel';
import { checkCount } from '../count.ts';
import { decodeSource, lineEndingAt, type TextSplice, toEdit, withLineEnding } from '../data/source-text.ts';
import type { LinesOperation } from '../operations.ts';
import { compilePattern, expandTemplate, type PatternMatch, runBounded } from '../pattern.ts';
import type { Edit } from '../splice.ts';
import { insertAfter, insertBefore, linesOf, removeEach, type TextLine, withoutEnd } from './line-table.ts';

/**
 * Whole lines of a line file: found by their exact text (or by a pattern for the whole line), and deleted, replaced, or given
 * neighbours; exactly one line unless `count` says otherwise. New text may be several lines, and with `regex` it may say `$1`.
 * Lines that are to be inserted and stand there already count, and nothing changes.
 *
 * @throws BatonError `EDIT_NO_MATCH`, `EDIT_COUNT`, `EDIT_REFUSED`, `EDIT_INVALID`, `PATTERN_INVALID`, `PATTERN_TIMEOUT`
 */
export function editLines(bytes: Uint8Array, operation: LinesOperation): Edit {
  checkVerb(operation);
  const text = decodeSource(bytes);
  const lines = linesOf(text);
  const found = matchLines(text, lines, operation);
  const what = `the line ${operation.regex ? `/${operation.match}/` : JSON.stringify(operation.match)}`;
  checkCount(found.length, operation.count ?? 1, what);
  const splices =
    operation.delete === true
      ? removeEach(
          lines,
          found.map(({ index }) => index),
        )
      : found.flatMap(({ index, match }) => change(text, lines, index, operation, match));
  return toEdit(text, splices, found.length);
}

interface FoundLine {
  index: number;
  match: PatternMatch;
}

function matchLines(text: string, lines: readonly TextLine[], { match, regex }: LinesOperation): FoundLine[] {
  const contents = lines.map(({ start, end }) => text.slice(start, end));
  if (!regex) {
    const plain = { start: 0, end: match.length, text: match, groups: [], named: {} };
    return contents.flatMap((content, index) => (content === match ? [{ index, match: plain }] : []));
  }
  compilePattern(match, 'u');
  const pattern = compilePattern(`^(?:${match})$`, 'u');
  // A sticky or global expression would remember where it was on the line before.
  const expression = new RegExp(pattern.expression.source, 'u');
  return runBounded(pattern, 2000, () =>
    contents.flatMap((content, index) => {
      const hit = expression.exec(content);
      if (hit === null) return [];
      const groups = hit.slice(1);
      return [{ index, match: { start: 0, end: content.length, text: content, groups, named: hit.groups ?? {} } }];
    }),
  );
}

function change(
  text: string,
  lines: readonly TextLine[],
  index: number,
  operation: LinesOperation,
  match: PatternMatch,
): TextSplice[] {
  const line = lines[index];
  if (line === undefined) return [];
  const said = operation.replace ?? operation.before ?? operation.after ?? '';
  const added = operation.regex ? expandTemplate(said, match) : said;
  if (operation.replace !== undefined) {
    const ending = lineEndingAt(text, line.next === line.end ? line.start : line.next);
    return [{ start: line.start, end: line.end, text: withLineEnding(withoutEnd(added), ending) }];
  }
  const wanted = withoutEnd(added).split(/\r?\n/);
  const first = operation.before === undefined ? index + 1 : index - wanted.length;
  const stands = wanted.every((content, at) => {
    const there = lines[first + at];
    return there !== undefined && text.slice(there.start, there.end) === content;
  });
  if (stands) return [];
  return [
    operation.before === undefined ? insertAfter(text, lines, index, added) : insertBefore(text, lines, index, added),
  ];
}

function checkVerb(operation: LinesOperation): void {
  const verbs = (['delete', 'replace', 'before', 'after'] as const).filter((verb) => operation[verb] !== undefined);
  if (verbs.length !== 1) {
    throw new BatonError(
      'EDIT_INVALID',
      `lines: expected one of delete, replace, before, after; found ${verbs.length}`,
    );
  }
  if (/[\r\n]/.test(operation.match)) {
    throw new BatonError('EDIT_INVALID', 'lines: `match` is one line, found a line ending in it', {
      hint: 'Use `replace` for text of several lines.',
    });
  }
}
