import { compareText, type ErrorCode } from '@baton/kernel';
import type * as z from 'zod';
import { invalidFile } from './invalid-file.ts';
import { type Problem, problemsOf } from './problems.ts';
import { readYaml } from './yaml-source.ts';
import type { ValuePath, YamlExtras } from './yaml-types.ts';

/** A kind of YAML file that another room has, held to the rules of `agent.yaml`: strict, with every problem at its place. */
export interface YamlForm<S extends z.ZodType> extends YamlExtras {
  schema: S;
  /** The error code of a problem at a place; the empty path is the text as a whole. */
  code(path: ValuePath): ErrorCode;
  /** What the smallest file would be: the hint when there is nothing. */
  smallest: string;
  /** Makes another value of what was read, of the same structure, before the schema sees it; tells of problems by path. */
  prepare?(value: unknown, tell: (path: ValuePath, message: string, hint?: string) => void): unknown;
}

/**
 * Checks the bytes of a file and fills in the defaults of its schema. Throws a BatonError with the code of the first problem: its message
 * names that one with line and column, its hint the others, `details.problems` all.
 *
 * @param where the file's name, for messages
 */
export function parseYamlForm<S extends z.ZodType>(bytes: Uint8Array, where: string, form: YamlForm<S>): z.output<S> {
  const whole = form.code([]);
  const source = readYaml(bytes, form);
  if (Array.isArray(source)) {
    throw invalidFile(
      source.map((problem) => ({ ...problem, code: whole })),
      where,
    );
  }
  if (source.value === null || source.value === undefined) {
    throw invalidFile([{ line: 1, column: 1, message: 'the file is empty', hint: form.smallest, code: whole }], where);
  }
  const early: Problem[] = [];
  const value =
    form.prepare?.(source.value, (path, message, hint) => {
      early.push({ ...source.valueAt(path), message, code: form.code(path), ...(hint === undefined ? {} : { hint }) });
    }) ?? source.value;
  if (early.length > 0) throw invalidFile(early, where);
  const result = form.schema.safeParse(value);
  if (result.success) return result.data;
  const groups = Map.groupBy(result.error.issues, ({ path }) => form.code(path));
  const problems = [...groups].flatMap(([code, issues]) =>
    problemsOf(issues, form.schema, { ...source, value }).map(
      (problem): Problem => (problem.code === 'MANIFEST_INVALID' ? { ...problem, code } : problem),
    ),
  );
  throw invalidFile(
    problems.sort((a, b) => a.line - b.line || a.column - b.column || compareText(a.message, b.message)),
    where,
  );
}
