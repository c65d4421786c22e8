import { callsIn } from './make-calls.ts';
import { type Makefile, type Piece, parseMakefile, type Rule } from './parse-makefile.ts';

/** What a Makefile offers and asks for. Lines are 1-based; texts are as written, variables are not expanded. */
export interface MakefileFacts {
  /** Explicit targets and pattern rules, one entry per name, in the order of their first line; special ones (`.PHONY`) are not. */
  targets: readonly MakeTarget[];
  variables: readonly MakeVariable[];
  includes: readonly { path: string; optional: boolean; line: number }[];
  /** Other Makefiles that recipes and variables call: `$(MAKE) -C dir target`, `make -C dir`, `cd dir && make target`. */
  calls: readonly MakeCall[];
}

export interface MakeTarget {
  name: string;
  line: number;
  phony: boolean;
  /** The text behind `##` on its line. */
  help?: string;
  prerequisites: readonly string[];
  /** Recipe lines without their tab. */
  recipe: readonly string[];
  pattern: boolean;
  doubleColon: boolean;
}

export interface MakeVariable {
  name: string;
  /** `=`, `:=`, `::=`, `:::=`, `?=`, `+=`, `!=` or `define`. */
  operator: string;
  value: string;
  line: number;
  /** Set for one target only: `target: NAME = value`. */
  target?: string;
}

export interface MakeCall {
  /** As written; undefined for the Makefile's own directory. */
  dir?: string;
  /** The value of `-f`. */
  file?: string;
  targets: readonly string[];
  line: number;
}

/**
 * Reads what a Makefile offers. Both branches of a conditional count; included files are named, not read.
 *
 * @throws BatonError `EDIT_REFUSED` (not text, or `.RECIPEPREFIX`), `EDIT_INVALID`
 */
export function makefileFacts(bytes: Uint8Array): MakefileFacts {
  const makefile = parseMakefile(bytes);
  const { text, nodes } = makefile;
  const rules = nodes.filter((node) => node.kind === 'rule');
  const phony = new Set(
    rules
      .filter(({ targets }) => targets[0]?.text === '.PHONY')
      .flatMap((rule) => rule.prerequisites.map((word) => word.text)),
  );
  const variables = nodes.flatMap((node): MakeVariable[] => {
    if (node.kind !== 'assignment') return [];
    const { operator, name, first } = node;
    const said = { name: name.text, operator, value: text.slice(node.valueStart, node.valueEnd), line: first + 1 };
    return node.targets.length === 0 ? [said] : node.targets.map((target) => ({ ...said, target: target.text }));
  });
  const includes = nodes.flatMap((node) => {
    if (node.kind !== 'include') return [];
    const [keyword, ...files] = node.words;
    const optional = keyword?.text !== 'include';
    return files.map((file) => ({ path: file.text, optional, line: node.first + 1 }));
  });
  const calls = rules.flatMap((rule) => recipePieces(rule).flatMap((piece) => factsOfCalls(text, piece)));
  return { targets: targetsOf(makefile, rules, phony), variables, includes, calls };
}

function targetsOf({ text }: Makefile, rules: readonly Rule[], phony: ReadonlySet<string>): MakeTarget[] {
  const targets = new Map<string, MakeTarget>();
  for (const rule of rules) {
    const recipe = recipeLines(text, rule);
    for (const { text: name } of rule.targets) {
      if (isSpecial(name)) continue;
      const known = targets.get(name);
      const help = known?.help ?? rule.help;
      targets.set(name, {
        name,
        line: known?.line ?? rule.first + 1,
        phony: phony.has(name),
        ...(help === undefined ? {} : { help }),
        prerequisites: [...(known?.prerequisites ?? []), ...rule.prerequisites.map((word) => word.text)],
        recipe: [...(known?.recipe ?? []), ...recipe],
        pattern: name.includes('%'),
        doubleColon: rule.isDoubleColon,
      });
    }
  }
  return [...targets.values()];
}

/** The lines of a rule's recipe without their tabs. */
export function recipeLines(text: string, rule: Rule): string[] {
  const inline = rule.inline === undefined ? [] : [text.slice(rule.inline.start, rule.inline.end).trim()];
  const lines = rule.recipe.flatMap(({ start, end }) => text.slice(start, end).split(/\r?\n/));
  return [...inline, ...lines.map((line) => line.replace(/^\t/, ''))];
}

/** The parts of a rule that the shell gets. */
export function recipePieces(rule: Rule): Piece[] {
  return [...(rule.inline === undefined ? [] : [rule.inline]), ...rule.recipe];
}

/** Whether make gives a target a meaning of its own: `.PHONY`, `.SUFFIXES`. */
export function isSpecial(name: string): boolean {
  return /^\.[A-Z_]+$/.test(name);
}

function factsOfCalls(text: string, piece: Piece): MakeCall[] {
  return callsIn(text, piece).map(({ dir, file, targets }) => ({
    ...(dir === undefined ? {} : { dir }),
    ...(file === undefined ? {} : { file }),
    targets: targets.map((word) => word.text),
    line: piece.first + 1,
  }));
}
