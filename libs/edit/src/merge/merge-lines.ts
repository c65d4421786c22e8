import { BatonError } from '@baton/kernel';

/** The lines of a file, byte for character (latin1), so that any bytes survive. */
export interface LineList {
  /** Without endings; without the last, empty one behind a closing line ending. */
  lines: string[];
  ending: '\n' | '\r\n';
  /** Whether the last line has an ending. */
  closed: boolean;
}

const BYTE_ORDER_MARK = '\u00ef\u00bb\u00bf';

/** Splits a file into lines; a byte order mark is no part of the first one. The ending is the one of most lines. */
export function lineListOf(bytes: Uint8Array): LineList {
  const text = Buffer.from(bytes).toString('latin1').replace(BYTE_ORDER_MARK, '');
  const lines = text.split('\n');
  const closed = text.endsWith('\n');
  if (closed || text === '') lines.pop();
  const returns = lines.filter((line) => line.endsWith('\r')).length;
  return {
    lines: lines.map((line) => line.replace(/\r$/, '')),
    ending: returns > lines.length / 2 ? '\r\n' : '\n',
    closed,
  };
}

/**
 * Ours, then each group of lines of theirs (groups are divided by empty lines) without the lines that ours has.
 *
 * @throws BatonError `EDIT_AMBIGUOUS` when lines that both have stand in another order and one of them begins with `!`: in ignore
 * files the last match counts
 */
export function unionLines(ours: Uint8Array, theirs: Uint8Array): Buffer {
  const first = lineListOf(ours);
  const second = lineListOf(theirs);
  if (first.lines.length === 0) return Buffer.from(theirs);
  refuseOrder(first.lines, second.lines);
  const seen = new Set(first.lines);
  const groups: string[][] = [];
  let group: string[] = [];
  for (const line of [...second.lines, '']) {
    if (line.trim() === '') {
      if (group.length > 0) groups.push(group);
      group = [];
    } else if (!seen.has(line)) {
      seen.add(line);
      group.push(line);
    }
  }
  if (groups.length === 0) return Buffer.from(ours);
  const divided =
    [...first.lines, ...second.lines].some((line) => line.trim() === '') || groups[0]?.[0]?.startsWith('#') === true;
  const blank = divided && first.lines.at(-1)?.trim() !== '' ? [''] : [];
  const added = [...blank, ...groups.flatMap((lines, index) => (index === 0 ? lines : ['', ...lines]))];
  const text =
    (first.closed ? '' : first.ending) + added.join(first.ending) + (first.closed || second.closed ? first.ending : '');
  return Buffer.concat([ours, Buffer.from(text, 'latin1')]);
}

function refuseOrder(ours: readonly string[], theirs: readonly string[]): void {
  const place = new Map(ours.map((line, index) => [line, index]));
  const common = theirs.filter((line) => place.has(line) && line.trim() !== '' && !line.startsWith('#'));
  const turned = common.findIndex(
    (line, index) => (place.get(line) ?? 0) < (place.get(common[index - 1] ?? line) ?? 0),
  );
  const pair = [common[turned - 1], common[turned]];
  if (turned > 0 && common.some((line) => line.startsWith('!'))) {
    throw new BatonError(
      'EDIT_AMBIGUOUS',
      `both files have ${pair.map((line) => JSON.stringify(line)).join(' and ')}, in another order`,
      {
        hint: 'With exceptions (!) the order counts: write the merged file yourself and use `replace-file`.',
      },
    );
  }
}
