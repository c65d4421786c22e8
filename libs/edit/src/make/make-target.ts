import { BatonError } from '@baton/kernel';
import { spliceText, type TextSplice, toEdit } from '../data/source-text.ts';
import type { MakeTargetOperation } from '../operations.ts';
import type { Edit } from '../splice.ts';
import { addRule } from './add-rule.ts';
import { callsIn } from './make-calls.ts';
import { recipeLines, recipePieces } from './makefile-facts.ts';
import { type Makefile, parseMakefile, parseMakefileText, type Rule } from './parse-makefile.ts';
import { removeTargets } from './remove-target.ts';
import { setPrerequisites, setRecipe } from './set-rule.ts';

/**
 * Edits one target of a Makefile. `matches` is the number of rules that name it.
 *
 * `rename` follows in the same file wherever a target is named for certain: rules, variables of the target, prerequisites (`.PHONY`
 * too), `.DEFAULT_GOAL`, and `$(MAKE) name` in recipes that stay in this Makefile. Names in help texts and in quotes stay.
 * `remove` takes the rule with its recipe and the comment right above, the variables of the target, and its mention as a
 * prerequisite anywhere (`.PHONY` too); recipes that call it stay as they are, because there is nothing to put in their place.
 * `recipe` and `prerequisites` are of a rule that has no other target; order-only prerequisites stay unless the list has a `|`.
 *
 * @param removedToo targets that other operations remove from the same file. What this removal and theirs would both cut belongs to one
 *   of them, so that all of them together can be applied at once and give what they give one after the other.
 * @throws BatonError `EDIT_NO_MATCH`, `EDIT_AMBIGUOUS`, `EDIT_INVALID`, `EDIT_REFUSED` (not text, `.RECIPEPREFIX`), `EDIT_UNVERIFIED`
 */
export function editMakeTarget(
  bytes: Uint8Array,
  operation: MakeTargetOperation,
  removedToo: readonly string[] = [],
): Edit {
  checkVerbs(operation);
  const makefile = parseMakefile(bytes);
  const { name, rename } = operation;
  const rules = rulesOf(makefile, name);
  if (operation.add !== undefined) {
    const splices = addRule(makefile, { name, text: operation.add, after: operation.after }, rules);
    return verified(makefile, splices, 1, operation);
  }
  if (rename !== undefined && rules.length === 0 && rulesOf(makefile, rename).length > 0) {
    const inner = editMakeTarget(bytes, { ...withoutRename(operation), name: rename });
    return inner;
  }
  if (rules.length === 0) throw noTarget(makefile, name);
  const splices: TextSplice[] = [];
  if (operation.remove) return removal(makefile, operation, rules.length, new Set([name, ...removedToo]));
  if (rename !== undefined) splices.push(...renameTarget(makefile, name, rename));
  if (operation.recipe !== undefined) splices.push(...setRecipe(makefile, name, rules, operation.recipe));
  if (operation.prerequisites !== undefined) {
    splices.push(...setPrerequisites(name, rules, operation.prerequisites));
  }
  return verified(makefile, splices, rules.length, operation);
}

function removal(
  makefile: Makefile,
  operation: MakeTargetOperation,
  matches: number,
  names: ReadonlySet<string>,
): Edit {
  const splices = removeTargets(makefile, names);
  verified(makefile, splices, matches, operation);
  return toEdit(
    makefile.text,
    splices.filter(({ owner }) => owner === operation.name).map(({ start, end, text }) => ({ start, end, text })),
    matches,
  );
}

function rulesOf({ nodes }: Makefile, name: string): Rule[] {
  return nodes
    .filter((node) => node.kind === 'rule')
    .filter(({ targets }) => targets.some(({ text }) => text === name));
}

function renameTarget(makefile: Makefile, name: string, to: string): TextSplice[] {
  if (!/^[^\s:#=;]+$/.test(to)) throw new BatonError('EDIT_INVALID', `make.target: "${to}" is no name of a target`);
  if (rulesOf(makefile, to).length > 0) {
    throw new BatonError('EDIT_INVALID', `make.target: "${name}" cannot become "${to}", which is a target already`, {
      hint: 'Two recipes for one target: make would use the last one. Remove one of them.',
    });
  }
  const words = makefile.nodes.flatMap((node) => {
    if (node.kind === 'rule') {
      const calls = recipePieces(node).flatMap((piece) => callsIn(makefile.text, piece));
      const own = calls.filter(({ dir, file }) => file === undefined && (dir === undefined || dir === '.'));
      return [...node.targets, ...node.prerequisites, ...own.flatMap(({ targets }) => targets)];
    }
    if (node.kind !== 'assignment') return [];
    if (node.name.text !== '.DEFAULT_GOAL') return node.targets;
    const { valueStart: start, valueEnd: end } = node;
    return [{ text: makefile.text.slice(start, end), start, end }];
  });
  return words.filter(({ text }) => text === name).map(({ start, end }) => ({ start, end, text: to }));
}

function verified(
  { text }: Makefile,
  splices: readonly TextSplice[],
  matches: number,
  operation: MakeTargetOperation,
): Edit {
  const after = parseMakefileText(spliceText(text, splices));
  const name = operation.rename ?? operation.name;
  const there = rulesOf(after, name);
  const expected = operation.remove === true ? there.length === 0 : there.length > 0;
  const isOldGone = operation.rename === undefined || rulesOf(after, operation.name).length === 0;
  const hasRecipe =
    operation.recipe === undefined || there.some((rule) => sameRecipe(after, rule, operation.recipe ?? ''));
  if (!expected || !isOldGone || !hasRecipe) {
    throw new BatonError('EDIT_UNVERIFIED', `make.target: "${name}" does not read as intended after the edit`, {
      hint: 'The Makefile has a form that is not understood here: use `replace` or `patch`.',
    });
  }
  return toEdit(text, splices, matches);
}

function sameRecipe(after: Makefile, rule: Rule, recipe: string): boolean {
  const wanted = recipe.split(/\r?\n/).filter((line) => line.trim() !== '');
  const found = recipeLines(after.text, rule).filter((line) => line.trim() !== '');
  return wanted.length === found.length && wanted.every((line, at) => line === found[at]);
}

function withoutRename({ rename: _, ...rest }: MakeTargetOperation): MakeTargetOperation {
  return rest;
}

function checkVerbs(operation: MakeTargetOperation): void {
  const { rename, remove, add, after, recipe, prerequisites } = operation;
  const changes = [rename, recipe, prerequisites].filter((verb) => verb !== undefined).length;
  const alone = [remove, add].filter((verb) => verb !== undefined).length;
  if (alone > 1 || (alone === 1 && changes > 0)) {
    throw new BatonError('EDIT_INVALID', 'make.target: `remove` and `add` stand alone, found more than one verb');
  }
  if (after !== undefined && add === undefined) {
    throw new BatonError('EDIT_INVALID', 'make.target: `after` says where `add` goes, found no `add`');
  }
}

function noTarget({ nodes }: Makefile, name: string): BatonError {
  const names = nodes.flatMap((node) => (node.kind === 'rule' ? node.targets.map(({ text }) => text) : []));
  return new BatonError('EDIT_NO_MATCH', `the Makefile has no target "${name}"`, {
    hint: names.length === 0 ? 'It has no targets.' : `It has: ${[...new Set(names)].slice(0, 20).join(', ')}.`,
  });
}
