import { BatonError } from '@baton/kernel';
import { lineEndingAt, spliceText, type TextSplice, toEdit, withLineEnding } from '../data/source-text.ts';
import type { MakeVarOperation } from '../operations.ts';
import type { Edit } from '../splice.ts';
import { removeEach } from '../text/line-table.ts';
import { variableReferences } from './make-references.ts';
import { type Assignment, type Makefile, parseMakefile, parseMakefileText } from './parse-makefile.ts';

/**
 * Edits one variable of a Makefile. The operator (`=`, `:=`, `?=`, `+=`) stays. `matches` is the number of its assignments.
 *
 * `set` is for a variable with exactly one assignment outside of `define` and of targets. `rename` follows every reference in the
 * same file: `$(NAME)`, `${NAME}`, `$(NAME:a=b)`, `$(call NAME,...)`, `$(origin NAME)`, `ifdef NAME`, `export NAME`. `remove` takes
 * every assignment; references stay and are empty then.
 *
 * @throws BatonError `EDIT_NO_MATCH`, `EDIT_AMBIGUOUS`, `EDIT_INVALID`, `EDIT_REFUSED` (not text, `.RECIPEPREFIX`), `EDIT_UNVERIFIED`
 */
export function editMakeVar(bytes: Uint8Array, operation: MakeVarOperation): Edit {
  const { name, set, rename, remove } = operation;
  if ([set, rename, remove].filter((verb) => verb !== undefined).length !== 1) {
    throw new BatonError('EDIT_INVALID', 'make.var: expected one of set, rename, remove');
  }
  const makefile = parseMakefile(bytes);
  const found = assignmentsOf(makefile, name);
  if (rename !== undefined && found.length === 0) {
    const there = assignmentsOf(makefile, rename);
    if (there.length > 0 && variableReferences(makefile, name).length === 0)
      return { splices: [], matches: there.length };
  }
  if (found.length === 0) throw noVariable(makefile, name);
  let splices: TextSplice[];
  if (set !== undefined) splices = setValue(makefile, found, name, set);
  else if (rename !== undefined) splices = renameVariable(makefile, found, name, rename);
  else splices = removeEach(makefile.lines, found.flatMap(linesOfNode));
  verify(makefile, splices, operation);
  return toEdit(makefile.text, splices, found.length);
}

function assignmentsOf({ nodes }: Makefile, name: string): Assignment[] {
  return nodes.filter((node) => node.kind === 'assignment').filter((node) => node.name.text === name);
}

function linesOfNode({ first, last }: Assignment): number[] {
  return Array.from({ length: last - first + 1 }, (_, at) => first + at);
}

function setValue({ text }: Makefile, found: readonly Assignment[], name: string, value: string): TextSplice[] {
  const own = found.filter(({ targets }) => targets.length === 0);
  const [assignment, second] = own;
  if (assignment === undefined || second !== undefined) {
    const where = found.map(({ first }) => first + 1).join(', ');
    throw new BatonError(
      'EDIT_AMBIGUOUS',
      `make.var: "${name}" has ${own.length} assignments (lines ${where}), expected one`,
      {
        hint: 'Use `replace` for the line that is meant.',
      },
    );
  }
  const { valueStart, valueEnd, operator } = assignment;
  if (operator.startsWith('define')) {
    throw new BatonError('EDIT_INVALID', `make.var: "${name}" is a define block (line ${assignment.first + 1})`, {
      hint: 'Use `replace` or `patch` for it.',
    });
  }
  const wanted = value.includes('\r\n') ? value : withLineEnding(value, lineEndingAt(text, valueEnd));
  // `NAME =` gets the blank that one writes there.
  const space = text[valueStart - 1] === '=' && valueStart === valueEnd && wanted !== '' ? ' ' : '';
  return [{ start: valueStart, end: valueEnd, text: space + wanted }];
}

function renameVariable(makefile: Makefile, found: readonly Assignment[], name: string, to: string): TextSplice[] {
  if (!/^[^\s:#=$(){}]+$/.test(to)) throw new BatonError('EDIT_INVALID', `make.var: "${to}" is no name of a variable`);
  if (assignmentsOf(makefile, to).length > 0 || variableReferences(makefile, to).length > 0) {
    throw new BatonError('EDIT_INVALID', `make.var: "${name}" cannot become "${to}", which the Makefile uses already`);
  }
  const places = [...found.map((node) => node.name), ...variableReferences(makefile, name)];
  return places.map(({ start, end }) => ({ start, end, text: to }));
}

function verify({ text }: Makefile, splices: readonly TextSplice[], { name, set, rename }: MakeVarOperation): void {
  const after = parseMakefileText(spliceText(text, splices));
  const left = assignmentsOf(after, name);
  const isGood =
    set === undefined
      ? left.length === 0 && (rename === undefined || assignmentsOf(after, rename).length > 0)
      : left.some(
          ({ valueStart, valueEnd }) =>
            withLineEnding(after.text.slice(valueStart, valueEnd), '\n') === withLineEnding(set, '\n'),
        );
  if (isGood) return;
  throw new BatonError('EDIT_UNVERIFIED', `make.var: "${name}" does not read as intended after the edit`, {
    hint: 'A value of several lines needs a backslash at the end of each but the last, and a "#" one in front of it.',
  });
}

function noVariable({ nodes }: Makefile, name: string): BatonError {
  const names = nodes.flatMap((node) => (node.kind === 'assignment' ? [node.name.text] : []));
  return new BatonError('EDIT_NO_MATCH', `the Makefile has no variable "${name}"`, {
    hint: names.length === 0 ? 'It has no variables.' : `It has: ${[...new Set(names)].slice(0, 20).join(', ')}.`,
  });
}
