import { BatonError } from '@baton/kernel';
import { lineEndingAt, type TextSplice } from '../data/source-text.ts';
import { insertAfter, removeLines, withoutEnd } from '../text/line-table.ts';
import type { Makefile, Rule } from './parse-makefile.ts';

/** New recipe lines for the one rule of the target that has a recipe (or its only rule). */
export function setRecipe(makefile: Makefile, name: string, rules: readonly Rule[], recipe: string): TextSplice[] {
  const { text, lines } = makefile;
  const withRecipe = rules.filter((rule) => rule.recipe.length > 0 || rule.inline !== undefined);
  const rule = only(name, withRecipe.length > 0 ? withRecipe : rules, 'recipe');
  if (rule.isRecipeSplit) {
    throw new BatonError('EDIT_INVALID', `make.target: the recipe of "${name}" has conditionals between its lines`, {
      hint: 'Use `replace` or `patch` for it.',
    });
  }
  const wanted = recipe === '' ? [] : withoutEnd(recipe).split(/\r?\n/);
  const first = rule.recipe[0]?.first;
  const last = rule.recipe.at(-1)?.last;
  const tabbed = wanted.map((line) => (line === '' ? '' : `\t${line}`));
  if (rule.inline !== undefined) {
    const ending = lineEndingAt(text, lines[rule.last]?.next ?? rule.end);
    const start = text.slice(0, rule.prerequisitesEnd).trimEnd().length;
    const end = last === undefined ? rule.end : (lines[last]?.end ?? rule.end);
    return [{ start, end, text: tabbed.map((line) => ending + line).join('') }];
  }
  if (first === undefined || last === undefined) {
    return wanted.length === 0 ? [] : [insertAfter(text, lines, rule.last, tabbed.join('\n'))];
  }
  const present = lines.slice(first, last + 1).map(({ start, end }) => text.slice(start, end));
  if (present.length === wanted.length && present.every((line, at) => line.replace(/^\t/, '') === wanted[at]))
    return [];
  if (wanted.length === 0) return [removeLines(lines, first, last)];
  const start = lines[first]?.start ?? 0;
  const ending = lineEndingAt(text, start);
  return [{ start, end: lines[last]?.end ?? start, text: tabbed.join(ending) }];
}

/** New prerequisites for the one rule of the target that has some (or its only rule). */
export function setPrerequisites(name: string, rules: readonly Rule[], wanted: readonly string[]): TextSplice[] {
  const having = rules.filter(({ prerequisites }) => prerequisites.length > 0);
  const rule = only(name, rules.length > 1 && having.length > 0 ? having : rules, 'prerequisites');
  const bar = rule.prerequisites.findIndex(({ text }) => text === '|');
  const present = bar < 0 || wanted.includes('|') ? rule.prerequisites : rule.prerequisites.slice(0, bar);
  if (present.length === wanted.length && present.every(({ text }, at) => text === wanted[at])) return [];
  const first = present[0];
  const last = present.at(-1);
  const text = wanted.join(' ');
  if (first === undefined || last === undefined) {
    return [{ start: rule.prerequisitesStart, end: rule.prerequisitesStart, text: ` ${text}` }];
  }
  if (text === '') return [{ start: rule.prerequisitesStart, end: last.end, text: '' }];
  return [{ start: first.start, end: last.end, text }];
}

function only(name: string, rules: readonly Rule[], what: string): Rule {
  const [rule, second] = rules;
  if (rule === undefined || second !== undefined) {
    const where = rules.map(({ first }) => first + 1).join(', ');
    throw new BatonError(
      'EDIT_AMBIGUOUS',
      `make.target: "${name}" has several rules (lines ${where}): which ${what}?`,
      {
        hint: 'Use `replace` or `patch`.',
      },
    );
  }
  if (rule.targets.length > 1) {
    const others = rule.targets.map(({ text }) => text).filter((text) => text !== name);
    throw new BatonError('EDIT_INVALID', `make.target: "${name}" shares its ${what} with ${others.join(', ')}`, {
      hint: 'Remove the target from the shared line, and add it with a rule of its own.',
    });
  }
  return rule;
}
