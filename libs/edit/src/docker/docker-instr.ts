import { BatonError } from '@baton/kernel';
import { checkCount } from '../count.ts';
import { lineEndingAt, spliceText, type TextSplice, toEdit, withLineEnding } from '../data/source-text.ts';
import type { DockerInstrOperation } from '../operations.ts';
import type { Edit } from '../splice.ts';
import { insertAfter, insertBefore, removeEach, withoutEnd } from '../text/line-table.ts';
import { type Dockerfile, type DockerInstruction, scanDockerfile, scanDockerfileText } from './scan-dockerfile.ts';
import { stageName } from './stage-name.ts';

/**
 * Edits instructions of one kind: exactly one unless `count` says otherwise. `match` is looked for in the arguments as they are
 * written and as the builder reads them. `set` replaces the arguments with their continued lines, comments and heredocs; keyword,
 * its case and the blanks behind it stay. `before` and `after` put whole instructions beside it; where they stand already, nothing
 * changes. `remove` leaves the comments above where they are.
 *
 * @throws BatonError `EDIT_NO_MATCH`, `EDIT_COUNT`, `EDIT_INVALID`, `EDIT_REFUSED`, `EDIT_UNVERIFIED`
 */
export function editDockerInstr(bytes: Uint8Array, operation: DockerInstrOperation): Edit {
  const { set, remove, before, after } = operation;
  if ([set, remove, before, after].filter((verb) => verb !== undefined).length !== 1) {
    throw new BatonError('EDIT_INVALID', 'docker.instr: expected one of set, remove, before, after');
  }
  const file = scanDockerfile(bytes);
  const found = matching(file, operation);
  checkCount(found.length, operation.count ?? 1, nameOf(operation));
  const splices = remove
    ? removeEach(file.lines, found.flatMap(linesOfInstruction))
    : found.flatMap((instruction) => change(file, instruction, operation));
  verify(file, found, splices, operation);
  return toEdit(file.text, splices, found.length);
}

function matching(file: Dockerfile, { stage, instruction, match }: DockerInstrOperation): DockerInstruction[] {
  const number = stage === undefined ? undefined : stageNumber(file, stage);
  return file.instructions.filter(({ keyword, stage: at, argsStart, argsEnd, logical }) => {
    if (keyword !== instruction.toUpperCase() || (number !== undefined && at !== number)) return false;
    if (match === undefined || logical.includes(match)) return true;
    const raw = withLineEnding(file.text.slice(argsStart, argsEnd), '\n');
    return raw.includes(withLineEnding(match, '\n'));
  });
}

function stageNumber({ instructions }: Dockerfile, stage: string | number): number {
  const froms = instructions.filter(({ keyword }) => keyword === 'FROM');
  const names = froms.map(({ logical }) => stageName(logical));
  const wanted = String(stage).toLowerCase();
  const named = names.findLastIndex((name) => name?.toLowerCase() === wanted);
  if (named >= 0) return named;
  if (/^\d+$/.test(wanted) && Number(wanted) < froms.length) return Number(wanted);
  const said = names.map((name, index) => name ?? index).join(', ');
  throw new BatonError('EDIT_NO_MATCH', `the Dockerfile has no stage "${stage}"`, { hint: `It has: ${said}.` });
}

function linesOfInstruction({ first, last }: DockerInstruction): number[] {
  return Array.from({ length: last - first + 1 }, (_, at) => first + at);
}

function change(file: Dockerfile, found: DockerInstruction, operation: DockerInstrOperation): TextSplice[] {
  const { text, lines } = file;
  if (operation.set !== undefined) {
    const ending = lineEndingAt(text, lines[found.first]?.next ?? 0);
    const args = withLineEnding(withoutEnd(operation.set), ending).replace(/^[ \t]+/, '');
    const space = found.argsStart === found.keywordEnd ? ' ' : '';
    return [{ start: found.argsStart, end: found.argsEnd, text: args === '' ? '' : space + args }];
  }
  const added = operation.before ?? operation.after ?? '';
  const wanted = withoutEnd(added).split(/\r?\n/);
  const first = operation.before === undefined ? found.last + 1 : found.first - wanted.length;
  const stands = wanted.every((line, at) => {
    const there = lines[first + at];
    return there !== undefined && text.slice(there.start, there.end) === line;
  });
  if (stands) return [];
  return [
    operation.before === undefined
      ? insertAfter(text, lines, found.last, added)
      : insertBefore(text, lines, found.first, added),
  ];
}

// All other instructions must read as before, and the changed ones as the operation says.
function verify(
  file: Dockerfile,
  found: readonly DockerInstruction[],
  splices: readonly TextSplice[],
  operation: DockerInstrOperation,
): void {
  const after = scanDockerfileText(spliceText(file.text, splices));
  const isChanged = new Set(found);
  const others = file.instructions.filter((each) =>
    operation.set !== undefined || operation.remove ? !isChanged.has(each) : true,
  );
  const kept = others.map((each) => sayingOf(file, each));
  const left = after.instructions.map((each) => sayingOf(after, each));
  const expected = operation.set !== undefined ? file.instructions.length : undefined;
  const isGood =
    isSubsequence(kept, left) &&
    (expected === undefined || left.length === expected) &&
    (!operation.remove || left.length === kept.length);
  if (isGood) return;
  throw new BatonError(
    'EDIT_UNVERIFIED',
    `${nameOf(operation)}: the Dockerfile does not read as intended after the edit`,
    {
      hint: 'The new text must be whole: each line but the last ends with the escape character, each heredoc with its word.',
    },
  );
}

function sayingOf({ text }: Dockerfile, { keyword, argsStart, argsEnd }: DockerInstruction): string {
  return `${keyword} ${text.slice(argsStart, argsEnd)}`;
}

function isSubsequence(part: readonly string[], whole: readonly string[]): boolean {
  let at = 0;
  for (const each of whole) if (part[at] === each) at += 1;
  return at === part.length;
}

function nameOf({ stage, instruction, match }: DockerInstrOperation): string {
  const where = stage === undefined ? '' : ` of stage "${stage}"`;
  return `${instruction.toUpperCase()}${where}${match === undefined ? '' : ` with ${JSON.stringify(match)}`}`;
}
