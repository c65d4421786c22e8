import { displayWidth, hexdump, twoLines, visibleText } from '@baton/report';
import type { Divergence } from '../model/verdict.ts';
import { type Finding, findingSentence } from './findings.ts';
import { type Side, sideView } from './hunk-bytes.ts';
import { positionWords } from './words.ts';

/** How a finding is drawn. */
export interface FindingTextOptions {
  /** Columns (100). */
  width?: number;
  paint?: (style: 'red' | 'dim', text: string) => string;
}

/**
 * A finding in lines: channel, kind and message, its cause, where it is on each side, OLD above NEW with a caret, and the
 * bytes around it as hexadecimal numbers. Everything in it is escaped.
 */
export function findingText(
  finding: Finding,
  { width = 100, paint = (_, text) => text }: FindingTextOptions = {},
): string[] {
  const { kind, cause, hint, divergence } = finding;
  return [
    ...wrap(`${kind}: ${findingSentence(finding)}`, width),
    ...(cause === undefined ? [] : wrap(`cause: ${cause}`, width)),
    ...(hint === undefined ? [] : wrap(`hint: ${hint}`, width)),
    ...(divergence === undefined ? [] : byteLines(divergence, width, paint)),
  ];
}

function byteLines(divergence: Divergence, width: number, paint: NonNullable<FindingTextOptions['paint']>): string[] {
  const places = (['old', 'new'] as const).flatMap((side) => {
    const position = divergence[side];
    return position === undefined ? [] : [`${side.toUpperCase()} at ${positionWords(position)}`];
  });
  const lines = places.length === 0 ? [] : wrap(places.join('; '), width);
  const around = { before: 16, after: 17 };
  const one = sideView(divergence, 'old', around);
  const other = sideView(divergence, 'new', around);
  if (one === undefined || other === undefined) return lines;
  const [oldLine, newLine, caret] = twoLines(one, other, width - 6);
  lines.push(`OLD | ${oldLine}`, `NEW | ${newLine}`, `    | ${paint('red', caret)}`);
  // Offset, three columns and a character for each byte, and what stands between.
  const perLine = width >= 84 ? 16 : width >= 50 ? 8 : 4;
  for (const [side, part] of [
    ['old', one],
    ['new', other],
  ] satisfies [Side, typeof one][]) {
    const dump = hexdump(part.around, { offset: part.offset, width: perLine, mark: part.mark });
    const shown = dump.length === 0 ? ['(no bytes)'] : dump;
    lines.push(...shown.map((line) => `${side.toUpperCase()}  ${paint('dim', line)}`));
  }
  return lines;
}

/** A sentence in lines of at most `width` columns, escaped; a longer word stands alone. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of visibleText(text).split(' ')) {
    const next = line === '' ? word : `${line} ${word}`;
    if (line !== '' && displayWidth(next) > width) {
      lines.push(line);
      line = word;
    } else {
      line = next;
    }
  }
  return [...lines, line];
}
