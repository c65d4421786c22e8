import { BatonError } from '@baton/kernel';
import type { FixtureEntry } from '../model/scenario.ts';

/** The bytes of a file that a scenario lays out. Errors: `SCENARIO_INVALID`. */
export function contentsOfEntry({ path, contents }: FixtureEntry): Buffer {
  if (Buffer.isBuffer(contents)) return contents;
  if (contents === undefined) throw invalid(path, 'nothing says what is in it');
  if (contents.kind === 'repeat') return Buffer.from(contents.unit.repeat(contents.count) + (contents.tail ?? ''));
  const [, before = '', width = '', after = ''] = /^([^%]*)%0(\d+)d([^%]*)$/.exec(contents.format) ?? [];
  if (width === '') throw invalid(path, `only one %0Nd is understood in a format, not "${contents.format}"`);
  const line = (_: unknown, i: number): string => before + String(i).padStart(Number(width), '0') + after;
  return Buffer.from(Array.from({ length: contents.count }, line).join(''));
}

function invalid(path: string, why: string): BatonError {
  return new BatonError('SCENARIO_INVALID', `the file ${path} of a fixture cannot be made: ${why}`);
}
