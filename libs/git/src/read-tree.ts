import { isAscii } from 'node:buffer';
import { BatonError } from '@baton/kernel';
import type { Leaf, LeafMode, ObjectFormat, ObjectId, Tree, TreeNode } from './objects.ts';
import { pathText } from './path-text.ts';

/** A directory while it is read. */
interface OpenTree {
  kind: 'tree';
  id: ObjectId;
  entries: Map<string, TreeNode>;
  leaves: number;
}

/**
 * Reads what `git ls-tree -r -t -z` prints, chunk by chunk. An entry is `<mode> <type> <id>\t<path>\0`; a directory comes right
 * before what is in it. Ids and names are slices of the text of a chunk, so 200,000 entries cost little more than the text.
 *
 * @param root the id of the tree that is listed
 */
export function treeReader(
  root: ObjectId,
  format: ObjectFormat,
): {
  push(chunk: Buffer): void;
  /** The tree, when the listing has come to its end. @throws BatonError `GIT_FAILED` when it was cut off, `INTERNAL` */
  end(): Tree;
} {
  const idLength = format === 'sha1' ? 40 : 64;
  // Prefixes are bytes as Latin 1, like the text: only names are decoded.
  const open: { prefix: string; tree: OpenTree }[] = [];
  const top: OpenTree = { kind: 'tree', id: root, entries: new Map(), leaves: 0 };
  let current = { prefix: '', tree: top };
  let rest: Buffer = Buffer.alloc(0);
  let leaves = 0;
  let isOver = false;

  const leave = (): void => {
    const below = current.tree.leaves;
    current = open.pop() ?? current;
    current.tree.leaves += below;
  };
  const take = (text: string, at: number, end: number, ascii: boolean): void => {
    // "040000 tree ", "100644 blob ", "120000 blob ", "160000 commit "
    const idAt = at + (text.charCodeAt(at + 7) === LETTER_C ? 14 : 12);
    const id = text.slice(idAt, idAt + idLength);
    const pathAt = idAt + idLength + 1;
    while (!text.startsWith(current.prefix, pathAt)) leave();
    const bytes = text.slice(pathAt + current.prefix.length, end);
    const name = ascii ? bytes : pathText(Buffer.from(bytes, 'latin1'));
    const kind = text.charCodeAt(at + 1);
    if (kind === DIGIT_4) {
      const tree: OpenTree = { kind: 'tree', id, entries: new Map(), leaves: 0 };
      current.tree.entries.set(name, tree);
      open.push(current);
      current = { prefix: `${text.slice(pathAt, end)}/`, tree };
      return;
    }
    const leaf: Leaf = { kind: 'leaf', mode: modeOf(kind, text.charCodeAt(at + 3)), id };
    current.tree.entries.set(name, leaf);
    current.tree.leaves += 1;
    leaves += 1;
  };

  return {
    push(chunk) {
      // A tree that somebody has must not change any more.
      if (isOver) throw new BatonError('INTERNAL', `the listing of tree ${root} went on behind its end`);
      const bytes = rest.byteLength === 0 ? chunk : Buffer.concat([rest, chunk]);
      const last = bytes.lastIndexOf(0) + 1;
      rest = bytes.subarray(last);
      const ascii = isAscii(bytes);
      const text = bytes.toString('latin1', 0, last);
      for (let at = 0; at < last; ) {
        const end = text.indexOf('\0', at);
        take(text, at, end, ascii);
        at = end + 1;
      }
    },
    end() {
      if (rest.byteLength > 0) throw new BatonError('GIT_FAILED', `the listing of tree ${root} was cut off`);
      while (open.length > 0) leave();
      isOver = true;
      if (top.leaves !== leaves) {
        throw new BatonError('INTERNAL', `tree ${root} has ${leaves} leaves, and its directories have ${top.leaves}`);
      }
      return top;
    },
  };
}

const LETTER_C = 0x63;
const DIGIT_2 = 0x32;
const DIGIT_4 = 0x34;
const DIGIT_6 = 0x36;
const DIGIT_7 = 0x37;

// Git prints these modes and no others (it corrects old ones on reading); each is one string for all entries.
function modeOf(kind: number, user: number): LeafMode {
  if (kind === DIGIT_2) return '120000';
  if (kind === DIGIT_6) return '160000';
  return user === DIGIT_7 ? '100755' : '100644';
}
