import type { EditOperation } from '../model/manifest.ts';

/**
 * Operations that give some lines of a file their new text: a `replace` per word where that changes these lines and no
 * others, with its exact count; else each line by itself.
 */
export function rewriteOperations(
  target: string,
  lines: readonly string[],
  rewrites: ReadonlyMap<number, string>,
  owned: ReadonlySet<number>,
): EditOperation[] {
  if (rewrites.size === 0) return [];
  return wordReplacements(target, lines, rewrites, owned) ?? wholeLines(target, lines, rewrites);
}

function wordReplacements(
  target: string,
  lines: readonly string[],
  rewrites: ReadonlyMap<number, string>,
  owned: ReadonlySet<number>,
): EditOperation[] | undefined {
  const changes = new Map<string, string>();
  for (const [number, after] of rewrites) {
    const change = changedWord(lines[number - 1] ?? '', after);
    if (change === undefined || (changes.get(change.find) ?? change.with) !== change.with) return undefined;
    changes.set(change.find, change.with);
  }
  const finds = [...changes.keys()];
  // Two words that overlap would be two edits of the same bytes.
  if (finds.some((find) => finds.some((other) => other !== find && other.includes(find)))) return undefined;
  const counts = new Map<string, number>(finds.map((find) => [find, 0]));
  for (const [index, line] of lines.entries()) {
    let after = line;
    for (const [find, text] of changes) {
      const parts = splitWords(line, find);
      if (parts.length === 1) continue;
      if (owned.has(index + 1)) return undefined;
      counts.set(find, (counts.get(find) ?? 0) + parts.length - 1);
      after = splitWords(after, find).join(text);
    }
    if (after !== (rewrites.get(index + 1) ?? line)) return undefined;
  }
  return [...changes].map(([find, text]) => ({
    replace: { in: target, find, with: text, word: true, ...count(counts.get(find) ?? 1) },
  }));
}

/** The text around its occurrences as a whole word. */
function splitWords(line: string, find: string): string[] {
  const parts: string[] = [];
  let from = 0;
  for (let at = line.indexOf(find); at !== -1; at = line.indexOf(find, at + 1)) {
    const isWord = (character: string | undefined): boolean =>
      character !== undefined && /[\p{L}\p{N}_]/u.test(character);
    if (at < from || isWord(line[at - 1]) || isWord(line[at + find.length])) continue;
    parts.push(line.slice(from, at));
    from = at + find.length;
  }
  return [...parts, line.slice(from)];
}

/** The one stretch of a line that differs, widened to what a person would call a word. */
function changedWord(before: string, after: string): { find: string; with: string } | undefined {
  let start = 0;
  while (start < before.length && before[start] === after[start]) start += 1;
  let end = 0;
  while (
    end < before.length - start &&
    end < after.length - start &&
    before[before.length - 1 - end] === after[after.length - 1 - end]
  )
    end += 1;
  const isPart = (character: string | undefined): boolean => character !== undefined && /[\w./-]/.test(character);
  while (isPart(before[start - 1])) start -= 1;
  while (isPart(before[before.length - end])) end -= 1;
  // Neither a slash in front nor the rest of the path behind belongs to it, so that one word serves many lines.
  while (before[start] === '/') start += 1;
  const find = before.slice(start, before.length - end);
  return find === '' ? undefined : { find, with: after.slice(start, after.length - end) };
}

function wholeLines(target: string, lines: readonly string[], rewrites: ReadonlyMap<number, string>): EditOperation[] {
  const byText = new Map<string, { after: string; count: number }>();
  for (const [number, after] of rewrites) {
    const before = lines[number - 1] ?? '';
    const known = byText.get(before);
    byText.set(before, { after, count: (known?.count ?? 0) + 1 });
  }
  return [...byText].map(([match, change]) => ({
    lines: { in: target, match, replace: change.after, ...count(change.count) },
  }));
}

// Once is what both operations expect when they say nothing.
function count(number: number): { count?: number } {
  return number === 1 ? {} : { count: number };
}
