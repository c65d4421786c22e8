import type { Piece } from './judgement.ts';
import { LANGUAGES } from './languages.ts';
import type { Moves } from './moves.ts';
import { rewriteText } from './references.ts';

/** Files of which each line is a pattern: ignore files, owners, attributes. */
export function isPatternFile(path: string): boolean {
  return /(^|\/)(CODEOWNERS|[.][\w.-]*ignore|[.]gitattributes)$/.test(path);
}

/** Lines of pattern files that go: of what is deleted, doubles, and what only tools of the old one leave behind. */
export function judgePatternLines(moves: Moves, path: string, text: string): Piece[] {
  if (!isPatternFile(path)) return [];
  const lines = text.split('\n').map((line) => line.replace(/\r$/, ''));
  const patterns = lines.map((line) => line.trim().split(/\s+/)[0] ?? '');
  return lines.flatMap((line, index): Piece[] => {
    const pattern = patterns[index] ?? '';
    if (pattern === '' || pattern.startsWith('#')) return [];
    const becomes = rewriteText(moves, path, pattern);
    const isDouble = becomes !== pattern && patterns.some((other, at) => at !== index && other === becomes);
    const why =
      becomes === undefined
        ? 'deleted'
        : isDouble
          ? 'there already'
          : isLeftover(moves, pattern)
            ? 'left behind by a tool of the old one'
            : undefined;
    if (why === undefined) return [];
    const count = lines.filter((other) => other === line).length;
    return [
      {
        operation: {
          lines: { in: moves.after(path) ?? path, match: line, delete: true, ...(count === 1 ? {} : { count }) },
        },
        lines: [index + 1],
        reason: why,
      },
    ];
  });
}

function isLeftover(moves: Moves, pattern: string): boolean {
  const old = LANGUAGES.find(({ name }) => name === moves.layout.oldLanguage);
  const plain = pattern.replace(/^(\*\*)?\//, '').replace(/\/$/, '');
  const cache = old?.caches.find((each) => each.pattern === plain);
  return (
    cache !== undefined &&
    !moves.remaining.some((path) => cache.usedBy.test(path) && !path.startsWith(`${moves.layout.nested}/`))
  );
}
