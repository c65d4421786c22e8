import type { LeafMode, ObjectId } from '@baton/git';
import type { PathOperation } from '../model/manifest.ts';
import type { PathChange, Problem } from '../model/plan.ts';
import { operationName } from './claims.ts';
import { kindAt, leafIn, type OpenSlot, openWay, originOf, slotAt } from './overlay.ts';
import { resolveLink } from './symbolic-links.ts';

interface Setting {
  blob(bytes: Uint8Array): ObjectId;
  files: ReadonlyMap<string, Uint8Array>;
  problems: Problem[];
  note(operation: number, entries: PathChange['entries']): void;
}

/** Applies `create`, `link` and `mode`, which name paths as they are after the moves; gives how many entries are new. */
export function setEntries(
  root: OpenSlot,
  operations: readonly PathOperation[],
  setting: Setting,
): { created: number } {
  const about = new Map<string, number>();
  let created = 0;
  // By kind, so that the order of the manifest does not matter: a mode may be that of a file which was just made.
  const kinds = ['create', 'link', 'mode'] as const;
  const sorted = kinds.flatMap((kind) => [...operations.entries()].filter(([, operation]) => kind in operation));
  for (const [index, operation] of sorted) {
    const body =
      'create' in operation
        ? operation.create
        : 'link' in operation
          ? operation.link
          : 'mode' in operation
            ? operation.mode
            : undefined;
    if (body === undefined) continue;
    const { path } = body;
    const fail = (code: string, message: string, hint: string): void => {
      setting.problems.push({ code, operation: operationName(operation, index), path, message, hint });
    };
    const other = about.get(path);
    const first = other === undefined ? undefined : operations[other];
    if (other !== undefined && first !== undefined) {
      fail('SAME_SOURCE', `${path}: ${operationName(first, other)} is about it already`, 'Keep one of them.');
      continue;
    }
    about.set(path, index);
    const there = kindAt(root, path);
    const leaf = leafIn(root, path);
    if ('create' in operation) {
      if (there !== undefined) {
        fail('COLLISION', `${path} is there already`, 'Use "replace-file" or another edit for a file that exists.');
        continue;
      }
      const bytes =
        'text' in operation.create ? Buffer.from(operation.create.text) : setting.files.get(operation.create.from);
      const mode = operation.create.exec === true ? '100755' : '100644';
      if (!set(root, index, path, mode, setting.blob(bytes ?? Buffer.alloc(0)), fail)) continue;
      created += 1;
      setting.note(index, [{ to: path, files: 1 }]);
    } else if ('link' in operation) {
      if (there !== undefined && leaf?.mode !== '120000') {
        fail(
          'COLLISION',
          `${path} is there already and is no link`,
          'Delete or move it as well, or choose another path.',
        );
        continue;
      }
      if (!set(root, index, path, '120000', setting.blob(Buffer.from(operation.link.target)), fail)) continue;
      if (there === undefined) created += 1;
      setting.note(index, [{ to: path, files: 1, note: `-> ${operation.link.target}` }]);
    } else if ('mode' in operation) {
      if (leaf === undefined || (leaf.mode !== '100644' && leaf.mode !== '100755')) {
        if (there === undefined && operation.mode.optional === true) continue;
        fail(
          'EDIT_NO_MATCH',
          `${path} is ${there === undefined ? 'not in the result' : 'no regular file'}`,
          'Name a file as it is after the moves.',
        );
        continue;
      }
      set(root, index, path, operation.mode.exec ? '100755' : '100644', leaf.id, fail);
      setting.note(index, [{ to: path, files: 1, note: operation.mode.exec ? 'executable' : 'not executable' }]);
    }
  }
  checkTargets(root, operations, setting);
  return { created };
}

// Only when all entries are set: a link may lead to one that another operation makes.
function checkTargets(root: OpenSlot, operations: readonly PathOperation[], { problems }: Setting): void {
  const own = new Map(operations.flatMap((one) => ('link' in one ? [[one.link.path, one.link.target] as const] : [])));
  for (const [index, operation] of operations.entries()) {
    if (!('link' in operation) || operation.link.optional === true) continue;
    const { path, target } = operation.link;
    if (leafIn(root, path)?.mode !== '120000') continue;
    const view = { kindAt: (at: string) => kindAt(root, at), targetAt: (at: string) => own.get(at) };
    if (resolveLink(view, path, target) !== undefined) continue;
    problems.push({
      code: 'LINK_DANGLES',
      operation: operationName(operation, index),
      path,
      message: `the link ${path} would lead to ${target}, which is not in the result`,
      hint: 'Targets are relative to the directory of the link.',
    });
  }
}

function set(
  root: OpenSlot,
  owner: number,
  path: string,
  mode: LeafMode,
  id: ObjectId,
  fail: (code: string, message: string, hint: string) => void,
): boolean {
  const way = openWay(root, path, owner);
  if ('file' in way) {
    fail('COLLISION', `${way.file} is a file, and ${path} needs a directory there`, 'Choose another path.');
    return false;
  }
  const name = path.slice(path.lastIndexOf('/') + 1);
  // An entry that was there keeps its origin: it is the same file with another mode or target.
  const before = slotAt(root, path) === undefined ? undefined : originOf(root, path);
  way.holder.below.set(name, {
    kind: 'whole',
    node: { kind: 'leaf', mode, id },
    owner: before?.owner ?? owner,
    source: before?.source,
  });
  return true;
}
