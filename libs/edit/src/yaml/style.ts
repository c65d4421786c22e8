import { columnOf, endingNear, isFirstOnLine, lineStart } from './lines.ts';
import type { YamlFile } from './yaml-text.ts';
import type { YamlNode } from './yaml-tree.ts';

/** How the person who wrote a file writes; new text follows it. */
export interface YamlHand {
  /** Columns from a key to the keys below it. */
  step: number;
  /** Columns from a key to the dashes below it. */
  dash: number;
  /** The quotes for text that needs some. */
  quote: 'single' | 'double';
  /** Whether lists are written in brackets more often than with dashes. */
  flowLists: boolean;
  /** A blank inside braces: `{ a: 1 }`, `[ a ]`. */
  padMaps: boolean;
  padLists: boolean;
}

/** Reads the habits of a file; where it shows none: two columns, dashes indented, single quotes, no brackets, `{ a: 1 }` but `[a]`. */
export function handOf({ text, documents }: YamlFile): YamlHand {
  const count = { step: new Map<number, number>(), dash: new Map<number, number>() };
  const votes = {
    single: 0,
    double: 0,
    flowLists: 0,
    blockLists: 0,
    padMaps: 0,
    tightMaps: 0,
    padLists: 0,
    tightLists: 0,
  };
  const look = (node: YamlNode, column: number | undefined): void => {
    if (node.style === 'single' || node.style === 'double') votes[node.style] += 1;
    const [first] = node.entries;
    if (node.style === 'flow' && first !== undefined && first.start > node.content) {
      const padded = text[node.content + 1] === ' ';
      if (node.kind === 'map') votes[padded ? 'padMaps' : 'tightMaps'] += 1;
      else votes[padded ? 'padLists' : 'tightLists'] += 1;
    }
    if (node.kind === 'seq' && first !== undefined) votes[node.style === 'flow' ? 'flowLists' : 'blockLists'] += 1;
    const own = node.style === 'block' && first !== undefined ? columnOf(text, first.start) : undefined;
    if (own !== undefined && column !== undefined && first !== undefined && isFirstOnLine(text, first.start)) {
      const tally = node.kind === 'seq' ? count.dash : count.step;
      tally.set(own - column, (tally.get(own - column) ?? 0) + 1);
    }
    for (const { key, value } of node.entries) {
      if (key !== undefined) look(key, undefined);
      look(value, node.kind === 'map' ? own : undefined);
    }
  };
  for (const document of documents) look(document, undefined);
  const step = most(count.step) ?? 2;
  return {
    step,
    dash: most(count.dash) ?? step,
    quote: votes.double > votes.single ? 'double' : 'single',
    flowLists: votes.flowLists > votes.blockLists,
    padMaps: votes.padMaps >= votes.tightMaps,
    padLists: votes.padLists > votes.tightLists,
  };
}

/** The line ending for text that is written at a place. */
export function endingAt(text: string, at: number): string {
  return endingNear(text, lineStart(text, at));
}

function most(tally: ReadonlyMap<number, number>): number | undefined {
  let best: number | undefined;
  for (const [width, times] of tally) {
    const record = best === undefined ? 0 : (tally.get(best) ?? 0);
    if (times > record || (times === record && best !== undefined && width < best)) best = width;
  }
  return best;
}
