import { nearest } from '@baton/kernel';

/** `<<name>>` in a text of the manifest. */
const VARIABLE = /<<([A-Za-z][A-Za-z0-9_-]*)>>/g;

/** The value of a variable that stands for the day of the base commit (UTC), such as `2026-05-01`; known when a plan is made. */
export const BASE_DATE = 'from-base-commit';

/** Characters that variables may put into one manifest: a small text must not become a huge one. */
const MOST_FILLED = 16 * 1024 * 1024;

/** Tells of a problem at a place of the value. */
export type Tell = (path: readonly (string | number)[], message: string, hint?: string) => void;

/**
 * Puts the values of `vars` in place of `<<name>>` in every text and every key outside of `vars`. One pass: a value is not looked
 * through again. Variables that are {@link BASE_DATE} stay as they are.
 */
export function fillVariables(value: unknown, tell: Tell): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const { vars = {} } = value as { vars?: unknown };
  const known = new Map(
    Object.entries(typeof vars === 'object' && vars !== null ? vars : {}).filter(
      (entry): entry is [string, string] => typeof entry[1] === 'string',
    ),
  );
  const filling = { known, tell, left: MOST_FILLED };
  return Object.fromEntries(
    Object.entries(value).map(([key, part]) => [key, key === 'vars' ? part : filled(part, [key], filling)]),
  );
}

/** Puts the day of the base commit in place of the variables that stand for it. */
export function fillBaseDate<T extends { vars?: Readonly<Record<string, string>> }>(manifest: T, day: string): T {
  const names = Object.entries(manifest.vars ?? {}).flatMap(([name, value]) => (value === BASE_DATE ? [name] : []));
  if (names.length === 0) return manifest;
  const known = new Map(names.map((name) => [name, day]));
  return filled(manifest, [], { known, tell: () => undefined, left: MOST_FILLED }) as T;
}

interface Filling {
  known: ReadonlyMap<string, string>;
  tell: Tell;
  /** Characters that may still be put in. */
  left: number;
}

function filled(value: unknown, path: readonly (string | number)[], filling: Filling): unknown {
  if (typeof value === 'string') return inText(value, path, filling);
  if (Array.isArray(value)) return value.map((item, index) => filled(item, [...path, index], filling));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(
    ([key, part]) => [inText(key, [...path, key], filling), filled(part, [...path, key], filling)] as const,
  );
  if (new Set(entries.map(([key]) => key)).size < entries.length)
    filling.tell(path, 'two keys are the same after their variables are filled in');
  return Object.fromEntries(entries);
}

function inText(text: string, path: readonly (string | number)[], filling: Filling): string {
  if (!text.includes('<<')) return text;
  const { known, tell } = filling;
  return text.replace(VARIABLE, (all, name: string) => {
    const value = known.get(name);
    if (value === BASE_DATE) return all;
    if (value !== undefined) {
      const before = filling.left;
      filling.left -= value.length;
      if (filling.left >= 0) return value;
      if (before >= 0) tell(path, `variables make more than ${MOST_FILLED} characters of text`);
      return all;
    }
    const meant = nearest(name, known.keys());
    const question = meant === undefined ? '' : `, did you mean <<${meant}>>?`;
    tell(
      path,
      `the variable <<${name}>> is not in vars${question}`,
      'Add it to vars; for the characters themselves, write a variable whose value is "<<".',
    );
    return all;
  });
}
