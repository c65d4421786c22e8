import { floatText } from './float-text.ts';
import { nestedText, type PyScalar } from './nested-text.ts';
import type { PyValue } from './value.ts';

/**
 * json.dumps() of Python with its defaults (contract 18.4, T35): `, ` and `: ` between parts, ASCII only, floats by 18.2,
 * integers exact, keys in their order, `NaN` and `Infinity` literal.
 */
export function jsonText(value: PyValue): string {
  return nestedText(value, jsonScalar);
}

function jsonScalar(value: PyScalar): string {
  if (typeof value === 'number') return jsonFloat(value);
  return typeof value === 'string' ? `"${value.replace(/["\\]|[^ -~]/g, escapeUnit)}"` : String(value);
}

function jsonFloat(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? 'Infinity' : '-Infinity';
  return floatText(value);
}

/** One UTF-16 unit: characters above U+FFFF become two escapes that way. */
function escapeUnit(unit: string): string {
  return ESCAPES[unit] ?? `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

const ESCAPES: Record<string, string | undefined> = {
  '"': '\\"',
  '\\': '\\\\',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\b': '\\b',
  '\f': '\\f',
};
