import { decodeSource, toEdit } from '../data/source-text.ts';
import type { RepathOperation } from '../operations.ts';
import type { Edit } from '../splice.ts';
import { type Located, locate } from './locate.ts';
import { directoryOf, relativeNames } from './paths.ts';
import type { RepathFile } from './reference.ts';
import { writePath } from './written-path.ts';

/**
 * Makes the references of a file follow the moves: what named a file or directory before names the same one afterwards, also when the
 * file itself or the directory that a command runs in has moved. Only whole paths that exist in the input tree are touched, and only
 * where the new one exists in the output tree. How a path is written stays: `./` in front, a slash at the end, wildcards, encoding.
 *
 * Styles are tried in the order of the operation, and the first one whose path exists wins; links of Markdown come before all.
 * `matches` is the number of references that changed; none is no error, because a file need not have any.
 *
 * @param owned bytes that other edits own: a reference that touches them is left alone
 * @throws BatonError `EDIT_REFUSED` (not UTF-8, or NUL)
 */
export function editRepath(
  bytes: Uint8Array,
  file: RepathFile,
  operation: RepathOperation,
  owned: readonly { start: number; end: number }[] = [],
): Edit {
  const text = decodeSource(bytes);
  const references = locate(text, {
    path: file.pathBefore,
    styles: operation.styles,
    exists: file.exists.input,
    ...(operation.cwd === undefined ? {} : { cwd: operation.cwd }),
  });
  const splices = references.flatMap((reference) => {
    const moved = rewrite(reference, file);
    if (moved === undefined || moved === reference.text) return [];
    return [{ start: reference.start, end: reference.end, text: moved }];
  });
  const { splices: all } = toEdit(text, splices, splices.length);
  // Bytes of one place that others own may be none at all: an insertion inside of a reference owns it too.
  const free = all.filter(
    ({ start, end }) =>
      !owned.some((span) => (span.start < end && start < span.end) || (span.start > start && span.end < end)),
  );
  return { splices: free, matches: free.length };
}

/** What a reference must say to name the same thing after the moves; undefined when that is gone. */
export function rewrite(reference: Located, file: RepathFile): string | undefined {
  const { path, base, style, written, writing, text } = reference;
  const target = destination(file, path);
  if (target === undefined || (target !== '' && !file.exists.output(target))) return undefined;
  const before = relativeNames(base, path);
  const after = relativeNames(newBase(reference, file), target);
  if (before.length === after.length && before.every((name, at) => name === after[at])) return text;
  const isDotted = style === 'markdown' ? text.startsWith('./') : /^\.\.?(?:\/|$)/.test(text);
  return writePath(written, after, writing, isDotted);
}

function newBase({ base, style, text }: Located, file: RepathFile): string {
  if (base === '')
    return style === 'file' || style === 'markdown' ? (text.startsWith('/') ? '' : directoryOf(file.path)) : '';
  if (style === 'file' || style === 'markdown') return directoryOf(file.path);
  // A directory that is gone keeps its name: what ran in it is an error of its own.
  return destination(file, base) ?? base;
}

function destination(file: RepathFile, path: string): string | undefined {
  return path === '' ? '' : file.mapping(path);
}
