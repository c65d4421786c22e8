import type { PyDict, PyValue } from './value.ts';

/** A value without parts. */
export type PyScalar = Exclude<PyValue, PyValue[] | PyDict>;

/**
 * Writes a value with `, ` and `: ` between brackets, which is the shape of both repr() and json.dumps().
 *
 * `scalar` writes everything else, keys included. It keeps its own stack: what {@link parseJson} accepts may be deeper
 * than the stack of JavaScript.
 */
export function nestedText(value: PyValue, scalar: (value: PyScalar) => string): string {
  const parts: string[] = [];
  const open: Open[] = [];
  let current = value;
  for (;;) {
    if (Array.isArray(current)) open.push({ keys: undefined, values: current, next: 0 });
    else if (current instanceof Map) open.push({ keys: [...current.keys()], values: [...current.values()], next: 0 });
    if (Array.isArray(current)) parts.push('[');
    else if (current instanceof Map) parts.push('{');
    else parts.push(scalar(current));
    const next = following(parts, open, scalar);
    if (next === undefined) return parts.join('');
    current = next;
  }
}

/** A list or dict of which a part is written. */
interface Open {
  keys: readonly string[] | undefined;
  values: readonly PyValue[];
  next: number;
}

/** Goes on to the next value, closing what is complete; undefined after the last. */
function following(parts: string[], open: Open[], scalar: (value: PyScalar) => string): PyValue | undefined {
  for (;;) {
    const inner = open.at(-1);
    if (inner === undefined) return undefined;
    const index = inner.next++;
    const value = inner.values[index];
    if (value !== undefined) {
      if (index > 0) parts.push(', ');
      const key = inner.keys?.[index];
      if (key !== undefined) parts.push(scalar(key), ': ');
      return value;
    }
    parts.push(inner.keys === undefined ? ']' : '}');
    open.pop();
  }
}
