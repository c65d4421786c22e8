import { nearest } from '@baton/kernel';
import * as z from 'zod';
import { describePath, describeValue, isMapping, quoted } from './describe-value.ts';

/** Which option of a union a value was meant to be, or why none fits. */
export type Choice = { option: number } | { message: string; hint?: string };

/** Which kind of layer a value means to be: option 0 is files, 1 npm, 2 Debian, in the order of the schema. */
export function chooseLayer(value: unknown): Choice {
  const sources = ['from', 'npm', 'debian'];
  if (!isMapping(value)) return { message: `expected a layer with from, npm or debian, found ${describeValue(value)}` };
  const keys = Object.keys(value);
  const found = sources.filter((source) => keys.includes(source));
  // `from` beside `npm` says where in the package.
  const kinds = found.includes('npm') ? found.filter((source) => source !== 'from' || found.includes('debian')) : found;
  const [kind] = kinds;
  if (kind !== undefined && kinds.length === 1) return { option: sources.indexOf(kind) };
  return exactlyOne('a layer', sources, kinds, keys);
}

/** Which kind of base a value means to be: option 0 is `scratch`, 1 a layout, 2 a reference. */
export function chooseBase(value: unknown): Choice {
  if (isMapping(value)) {
    const keys = Object.keys(value);
    const found = ['layout', 'ref'].filter((kind) => keys.includes(kind));
    const [kind] = found;
    if (kind !== undefined && found.length === 1) return { option: kind === 'layout' ? 1 : 2 };
    return exactlyOne('a base', ['layout', 'ref'], found, keys);
  }
  const hint = typeof value === 'string' ? baseHint(value) : undefined;
  return {
    message: `expected scratch, { layout: path } or { ref: reference }, found ${describeValue(value)}`,
    ...(hint === undefined ? {} : { hint }),
  };
}

/** For unions of options of different shapes (text, a number, a list, a mapping): the option that has the value's shape. */
export function chooseByShape(options: readonly z.core.$ZodType[], value: unknown): Choice {
  const shapes = options.map(shapesOf);
  const fits = shapes.findIndex((names) => names.includes(shapeOf(value)));
  if (fits >= 0) return { option: fits };
  const names = [...new Set(shapes.flat())];
  const last = names.pop();
  const expected = names.length === 0 ? last : `${names.join(', ')} or ${last}`;
  return { message: `expected ${expected}, found ${describeValue(value)}` };
}

function shapesOf(option: z.core.$ZodType): string[] {
  if (option instanceof z.ZodUnion) return option.options.flatMap((inner) => shapesOf(inner));
  if (option instanceof z.ZodArray) return ['a list'];
  if (option instanceof z.ZodNumber) return ['a number'];
  return [option instanceof z.ZodObject || option instanceof z.ZodRecord ? 'a mapping' : 'text'];
}

function shapeOf(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  if (isMapping(value)) return 'a mapping';
  return typeof value === 'number' ? 'a number' : typeof value === 'string' ? 'text' : '';
}

function baseHint(text: string): string | undefined {
  if (nearest(text, ['scratch']) !== undefined) return 'Did you mean scratch?';
  if (/^\.{1,2}(\/|$)/.test(text)) return `Write { layout: ${text} }.`;
  return /^[a-z0-9][^\s]*[:@][^\s/]+$/.test(text) ? `Write { ref: "${text}" }.` : undefined;
}

function exactlyOne(what: string, wanted: string[], found: string[], keys: string[]): Choice {
  const begin = `${what} needs exactly one of ${wanted.join(', ')}`;
  if (found.length > 0) {
    const [first, second, ...rest] = found;
    const list = rest.length === 0 ? `both ${first} and ${second}` : `${first}, ${second} and ${rest.join(' and ')}`;
    return { message: `${begin}; found ${list}` };
  }
  if (keys.length === 0) return { message: `${begin}; found none` };
  const shown = keys.slice(0, 5).map((key) => describePath([key]));
  const message = `${begin}; found only ${shown.join(', ')}${keys.length > 5 ? ', ...' : ''}`;
  for (const key of keys) {
    const meant = nearest(key, wanted);
    if (meant !== undefined) return { message, hint: `Did you mean "${meant}" in place of ${quoted(key)}?` };
  }
  return { message };
}
