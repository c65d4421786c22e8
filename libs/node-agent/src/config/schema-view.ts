import type { PyValue } from '../python-text/index.ts';

/**
 * A document as JSON Schema sees it, in plain JavaScript values, cut off below the levels that schema v1 looks at.
 *
 * - Objects have no prototype, so that hostile keys such as `__proto__` or `constructor` are keys like any other.
 * - Integers become 0: the schema asks whether a number is an integer, never which one. Floats stay: `1.0` is an integer, `NaN` is none.
 * - What lies deeper than `LEVELS` is left out (a container there is seen as empty), because extra keys may nest without end.
 */
export function schemaView(value: PyValue, levels: number = LEVELS): unknown {
  if (typeof value === 'bigint') return 0;
  if (value === null || typeof value !== 'object') return value;
  if (Array.isArray(value)) return levels === 0 ? [] : value.map((item) => schemaView(item, levels - 1));
  const view: Record<string, unknown> = Object.create(null);
  if (levels > 0) for (const [key, item] of value) view[key] = schemaView(item, levels - 1);
  return view;
}

/** Document, modes, steps, step, env, value of a variable: a value on the last level has a type and no contents. */
const LEVELS = 5;
