import type { PyValue } from './value.ts';

/**
 * `==` of Python: numbers by value whatever their kind, `True` is 1, dicts whatever their order (contract, section 9 item 7:
 * `0.0` and `-0.0` contain 0). NaN equals nothing.
 */
export function pyEquals(a: PyValue, b: PyValue): boolean {
  const pairs: [PyValue, PyValue][] = [[a, b]];
  for (let pair = pairs.pop(); pair !== undefined; pair = pairs.pop()) {
    const [left, right] = pair;
    if (Array.isArray(left)) {
      if (!Array.isArray(right) || left.length !== right.length) return false;
      for (const [i, value] of left.entries()) pairs.push([value, right[i] ?? null]);
    } else if (left instanceof Map) {
      if (!(right instanceof Map) || left.size !== right.size) return false;
      for (const [key, value] of left) {
        const other = right.get(key);
        if (other === undefined) return false;
        pairs.push([value, other]);
      }
    } else if (!sameScalar(left, right)) return false;
  }
  return true;
}

function sameScalar(a: PyValue, b: PyValue): boolean {
  const left = typeof a === 'boolean' ? BigInt(a) : a;
  const right = typeof b === 'boolean' ? BigInt(b) : b;
  if (typeof left === 'bigint' && typeof right === 'number') return Number.isInteger(right) && left === BigInt(right);
  if (typeof left === 'number' && typeof right === 'bigint') return Number.isInteger(left) && BigInt(left) === right;
  return left === right;
}
