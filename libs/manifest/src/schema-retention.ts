import * as z from 'zod';
import { described, textField, uniqueList } from './text-field.ts';

const PATTERN = /^[A-Za-z0-9_.*-]{1,128}$/;

const pattern = textField({
  expected: 'a tag, in which "*" may stand for any text',
  description: 'A tag; `*` stands for any text.',
  pattern: PATTERN,
  examples: ['1.4.2', 'lts-*'],
});

/** Whether a tag is one that a pattern of the section `image.retention` means: `*` stands for any text. */
export function matchesTagPattern(patternText: string, tag: string): boolean {
  const [first = '', ...rest] = patternText.split('*');
  const last = rest.pop();
  if (last === undefined) return tag === first;
  if (!tag.startsWith(first)) return false;
  // By hand: as a regular expression, many stars would take time beyond all measure.
  let at = first.length;
  for (const part of rest) {
    const found = tag.indexOf(part, at);
    if (found === -1) return false;
    at = found + part.length;
  }
  return tag.length - at >= last.length && tag.endsWith(last);
}

/** The section `image.retention`: which published images stay. */
export const retentionSchema = z
  .strictObject({
    keepLast: z
      .int()
      .min(1)
      .describe('How many of the newest versions of each line (`major.minor`) stay; as many candidates of the next.')
      .default(3),
    keepUntil: z
      .record(
        z.string().regex(/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/, { error: 'a tag (patterns belong to never)' }),
        z.iso.date({ error: 'a date like 2027-03-01' }),
      )
      .describe('Tags that stay until a date (YYYY-MM-DD, that day included): rollback images.')
      .exactOptional(),
    never: described(uniqueList(pattern, 0, ''), 'Tags that always stay; `*` stands for any text.').exactOptional(),
    mayGo: described(
      uniqueList(pattern, 0, ''),
      'Tags that are no versions and may go all the same, such as `pr-*`: as soon as no tag that stays has their image. By default only versions go, and the tags of their commits; `latest` and tags of lines always stay.',
    ).exactOptional(),
  })
  .superRefine(({ keepUntil = {}, never = [], mayGo = [] }, context) => {
    for (const [tag, date] of Object.entries(keepUntil)) {
      const always = never.find((one) => matchesTagPattern(one, tag));
      if (always === undefined) continue;
      const message = `one rule for each tag (it stays for ever as "${always}" in never says, or until ${date})`;
      context.addIssue({ code: 'custom', message, path: ['keepUntil', tag] });
    }
    for (const [index, one] of mayGo.entries()) {
      if (!never.includes(one)) continue;
      context.addIssue({ code: 'custom', message: 'tags that never does not name', path: ['mayGo', index] });
    }
  })
  .describe('Which published images stay; `baton image retention plan` says what could go.');
