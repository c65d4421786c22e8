import { judgeData } from './judge-data.ts';
import { isPatternFile, judgePatternLines } from './judge-lines.ts';
import { judgeMakefile } from './judge-make.ts';
import { isHistory, oldLanguage, reasonToStay, variablePattern, wordPattern } from './judge-words.ts';
import type { Judgement, Piece } from './judgement.ts';
import { baseName, isAtOrBelow, isVendored } from './listing.ts';
import type { Moves } from './moves.ts';
import type { Layout, Place } from './proposal.ts';
import { isMovedSource, mentionsOf, rewriteLine } from './references.ts';

/** Judges every line of a file that is still there afterwards. */
export function judgeFile(moves: Moves, path: string, text: string, words: readonly string[]): Judgement {
  const lines = text.split('\n').map((line) => line.replace(/\r$/, ''));
  const mentions = mentionsOf(moves, path, text);
  const isNaming = mentions.some((each) => each.length > 0);
  const isPast = isHistory(path);
  const isSource = isMovedSource(moves, path);
  const pieces: Piece[] =
    isPast || isSource
      ? []
      : [
          ...judgeData(moves, path, text, isNaming),
          ...judgePatternLines(moves, path, text),
          ...judgeMakefile(moves, path, text),
        ];
  const owner = new Map(pieces.flatMap((piece) => piece.lines.map((line) => [line, piece] as const)));
  const rewrites = new Map<number, string>();
  const places: Place[] = [];
  const isAbout = isNaming || namesComponent(moves, lines);
  const word = wordPattern(words);
  const variable = variablePattern(words);
  const inScope = isInScope(moves, path, isNaming || pieces.length > 0);
  for (const [index, line] of lines.entries()) {
    const number = index + 1;
    const say = (decision: Place['decision'], reason: string): void =>
      void places.push({ path, line: number, text: line, decision, reason });
    const piece = owner.get(number);
    if (piece !== undefined) {
      say('edit', piece.reason);
      continue;
    }
    const found = (mentions[index] ?? []).filter(({ kind }) => !isSource || kind === 'relative');
    if (found.length > 0 && isPast) {
      say('stay', 'history');
      continue;
    }
    const made = rewriteLine(line, found);
    if (made === undefined) say('human', 'names what is deleted');
    else if (made !== line) {
      rewrites.set(number, made);
      say('edit', found.some(({ kind }) => kind === 'name') ? 'the new one has the old name' : 'follows the moves');
    } else if ((mentions[index] ?? []).length > 0) say('stay', 'source moves as it is');
    if (inScope && made !== undefined && (word.test(line) || variable.test(line))) {
      const reason = isPatternFile(path) ? 'files of that language are left' : reasonToStay(moves, path, line, isAbout);
      places.push({
        path,
        line: number,
        text: made,
        decision: reason === undefined ? 'human' : 'stay',
        reason: reason ?? 'names the old toolchain',
      });
    }
  }
  return { pieces, rewrites, places };
}

// Anything of the component: its directory, or a file that the cutover replaces.
function namesComponent(moves: Moves, lines: readonly string[]): boolean {
  const { component, pairs } = moves.layout;
  return lines.some((line) =>
    [`${component}/`, `cd ${component}`, `-C ${component}`, ...pairs.map((pair) => pair.old)].some((name) =>
      line.includes(name),
    ),
  );
}

// Where the old toolchain may be named: the component, documents, top-level files, CI, and whatever the cutover edits.
function isInScope(moves: Moves, path: string, isEdited: boolean): boolean {
  if (isVendored(path) || oldLanguage(moves.layout).extensions.some((extension) => path.endsWith(extension)))
    return false;
  if (/^(LICEN[CS]E|COPYING)/.test(baseName(path))) return false;
  const target = moves.after(path) ?? path;
  return isEdited || mayNameTools(moves.layout, target) || mayNameTools(moves.layout, path);
}

/** Files in which a tool may be named although nothing of the layout is. */
export function mayNameTools({ component, pairs }: Layout, path: string): boolean {
  return (
    isAtOrBelow(path, component) ||
    isAtOrBelow(path, 'docs') ||
    isAtOrBelow(path, '.github') ||
    !path.includes('/') ||
    pairs.some((pair) => pair.old === path || pair.new === path)
  );
}
