import { BatonError } from '@baton/kernel';
import { type TextSplice, withLineEnding } from '../data/source-text.ts';
import { insertAfter, type TextLine, withoutEnd } from '../text/line-table.ts';
import { type Makefile, parseMakefileText, type Rule } from './parse-makefile.ts';

/**
 * Puts a whole rule behind the rule of a target, or behind everything. There is an empty line in front of it unless the file goes
 * on right there. The same text that stands in the file already changes nothing.
 *
 * @throws BatonError `EDIT_INVALID` (the text has no rule of that name; the file has another one), `EDIT_NO_MATCH` (no such `after`)
 */
export function addRule(
  makefile: Makefile,
  { name, text: added, after }: { name: string; text: string; after: string | undefined },
  existing: readonly Rule[],
): TextSplice[] {
  const { text, lines, nodes } = makefile;
  const block = withLineEnding(withoutEnd(added), '\n');
  const own = parseMakefileText(block).nodes;
  if (!own.some((node) => node.kind === 'rule' && node.targets.some((target) => target.text === name))) {
    throw new BatonError('EDIT_INVALID', `make.target: the text to add has no rule for "${name}"`, {
      hint: 'The text begins with its header, `name: prerequisites`; recipe lines begin with a tab.',
    });
  }
  if (existing.length > 0) {
    const body = withLineEnding(text.replace(/^\ufeff/, ''), '\n');
    if (`\n${body}\n`.includes(`\n${block}\n`)) return [];
    const lineNumbers = existing.map(({ first }) => first + 1).join(', ');
    throw new BatonError(
      'EDIT_INVALID',
      `make.target: "${name}" is a target already (line ${lineNumbers}), with another text`,
      {
        hint: 'Change it with `recipe` and `prerequisites`, or remove it.',
      },
    );
  }
  let place = lines.findLastIndex((line) => !isBlank(text, line));
  if (after !== undefined) {
    const rule = nodes.findLast((node) => node.kind === 'rule' && node.targets.some((target) => target.text === after));
    if (rule?.kind !== 'rule')
      throw new BatonError('EDIT_NO_MATCH', `the Makefile has no target "${after}" to add behind`);
    place = rule.recipe.at(-1)?.last ?? rule.last;
  }
  const below = lines[place + 1];
  const isApart = place >= 0 && (below === undefined || isBlank(text, below));
  return [insertAfter(text, lines, place, isApart ? `\n${block}` : block)];
}

function isBlank(text: string, { start, end }: TextLine): boolean {
  return text.slice(start, end).trim() === '';
}
