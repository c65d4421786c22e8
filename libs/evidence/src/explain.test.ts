import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { explainIssues } from './explain.ts';

const schema = z.strictObject({
  list: z.array(z.enum(['a', 'b'])).min(1),
  text: z.string({ error: 'text' }).exactOptional(),
});

function lines(value: unknown): string[] {
  return explainIssues(schema.safeParse(value).error?.issues ?? [], value);
}

describe('explainIssues', () => {
  it.each<[unknown, string[]]>([
    [{ list: ['a'] }, []],
    [null, ['expected an object, found null at $']],
    [{}, ['expected an array, found nothing at $.list']],
    [{ list: [] }, ['expected at least one item, found [] at $.list']],
    [{ list: ['c'], more: 1 }, ['expected a or b, found "c" at $.list[0]', 'expected no key "more" at $']],
    [{ list: ['a'], text: 1 }, ['expected text, found 1 at $.text']],
  ])('%j', (value, expected) => {
    expect(lines(value)).toEqual(expected);
  });

  it('shows little of a large value', () => {
    const [line] = lines({ list: 'x'.repeat(1000) });
    expect(line).toBe(`expected an array, found "${'x'.repeat(76)}... at $.list`);
  });
});
