import { BatonError } from '@baton/kernel';
import type { MergeOperation } from '../operations.ts';
import { lineListOf, unionLines } from './merge-lines.ts';
import { mergeMakefiles } from './merge-makefiles.ts';
import { mergeMarkdown } from './merge-markdown.ts';

/**
 * Makes one file of two that would lie at one path. Nothing of either is lost: every line of both is in the result, a line or part
 * that both have may be there once. Lines of `theirs` get the line ending of `ours`.
 *
 * `union-lines`: ours, then the lines of theirs that ours lacks, with their comments and groups. `concat`: one behind the other.
 * `sections`: Markdown by heading, a Makefile by target; the result's path says which.
 *
 * @param path of the result
 * @throws BatonError `EDIT_AMBIGUOUS` when both say something different under one name (all of them are listed), `EDIT_REFUSED`,
 * `EDIT_INVALID` when `sections` has nothing to go by, `EDIT_UNVERIFIED`
 */
export function mergeFiles(ours: Uint8Array, theirs: Uint8Array, how: MergeOperation['how'], path: string): Buffer {
  const result = merged(ours, theirs, how, path);
  const there = new Set(lineListOf(result).lines);
  for (const [name, input] of [
    ['ours', ours],
    ['theirs', theirs],
  ] as const) {
    const lost = lineListOf(input).lines.findIndex((line) => line.trim() !== '' && !there.has(line));
    if (lost >= 0) {
      throw new BatonError('EDIT_UNVERIFIED', `merging lost line ${lost + 1} of ${name}`, {
        hint: 'This is a fault of Baton. Write the merged file yourself and use `replace-file` meanwhile.',
      });
    }
  }
  return result;
}

function merged(ours: Uint8Array, theirs: Uint8Array, how: MergeOperation['how'], path: string): Buffer {
  if (how === 'union-lines') return unionLines(ours, theirs);
  if (how === 'concat') return concat(ours, theirs);
  if (/\.(?:md|markdown|mdown)$/i.test(path)) return mergeMarkdown(ours, theirs);
  if (/(?:^|\/)(?:GNU)?[Mm]akefile[^/]*$|\.(?:mk|mak)$/.test(path)) return mergeMakefiles(ours, theirs);
  throw new BatonError('EDIT_INVALID', `expected Markdown or a Makefile to merge by sections, found ${path}`, {
    hint: 'Use union-lines or concat for other files.',
  });
}

function concat(ours: Uint8Array, theirs: Uint8Array): Buffer {
  const first = lineListOf(ours);
  const second = lineListOf(theirs);
  if (first.lines.length === 0) return Buffer.from(theirs);
  if (second.lines.length === 0) return Buffer.from(ours);
  const gap = first.closed ? '' : first.ending;
  const added = second.lines.join(first.ending) + (second.closed ? first.ending : '');
  return Buffer.concat([ours, Buffer.from(gap + added, 'latin1')]);
}
