import type { CutoverLayout } from './cutover-layout.ts';
import type { LayoutFile } from './cutover-layout-file.ts';

/** A file of the result, as the truth has it. */
export interface LayoutResultFile {
  /** In the input tree. */
  from: string;
  mode: LayoutFile['mode'];
  bytes: Buffer;
  /** Whether `additions` of other kinds than `lines`, or nodes that are carried over, put further text into the file. */
  isOpen: boolean;
}

/**
 * What the tree is after the cutover: files at their new paths, with every mechanical line as it shall be.
 *
 * @param people whether the lines that only people can change are changed as well
 */
export function layoutResult({ files, truth }: CutoverLayout, people: boolean): Map<string, LayoutResultFile> {
  const { names, mechanical, human, additions } = truth;
  const gone = mechanical.filter(({ kind }) => kind === 'delete' || kind === 'collision').map(({ path }) => path);
  const moves = new Map([
    [names.dockerfiles.new, names.dockerfiles.old],
    [names.workflows.new, names.workflows.old],
  ]);
  const replaced = new Set(moves.values());
  const open = new Set([
    names.workflows.old,
    ...additions.edits.filter((edit) => !('lines' in edit)).map((edit) => String(Object.values(edit)[0]?.in)),
  ]);
  const changes = new Map<string, Map<number, string | null>>();
  const note = (path: string, line: number | undefined, after: string | null | undefined): void => {
    if (line === undefined || after === undefined) return;
    changes.set(path, (changes.get(path) ?? new Map()).set(line, after));
  };
  for (const { kind, path, line, after } of mechanical) if (kind === 'edit') note(path, line, after);
  if (people) for (const { path, line, after } of human) note(path, line, after);
  const result = new Map<string, LayoutResultFile>();
  for (const [from, { bytes, mode }] of files) {
    const moved = moves.get(from);
    const isNested = from.startsWith(`${names.nested}/`);
    if (moved === undefined && !isNested) {
      if (replaced.has(from) || gone.some((path) => from === path || from.startsWith(`${path}/`))) continue;
    }
    const path = moved ?? (isNested ? names.component + from.slice(names.nested.length) : from);
    const text = mode === '120000' ? retargeted(bytes, isNested) : changed(bytes, changes.get(from));
    result.set(path, { from, mode, bytes: text, isOpen: open.has(path) });
  }
  return result;
}

// One directory less to leave.
function retargeted(target: Buffer, isNested: boolean): Buffer {
  return isNested ? Buffer.from(target.toString('utf8').replace(/^\.\.\//, '')) : target;
}

function changed(bytes: Buffer, lines: ReadonlyMap<number, string | null> | undefined): Buffer {
  if (lines === undefined) return bytes;
  const parts = bytes.toString('utf8').split(/(?<=\n)/);
  const texts = parts.flatMap((line, index) => {
    const after = lines.get(index + 1);
    if (after === undefined) return [line];
    if (after === null) return [];
    const indent = /^[ \t]*/.exec(line)?.[0] ?? '';
    const ending = /\r?\n$/.exec(line)?.[0] ?? '';
    return [indent + after.trimStart() + ending];
  });
  return Buffer.from(texts.join(''));
}
