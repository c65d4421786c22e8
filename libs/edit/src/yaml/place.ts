import { BatonError, nearest } from '@baton/kernel';
import { parseNodePath, printNodePath } from '../node-path.ts';
import type { NodePath } from '../operations.ts';
import { hasKey } from './shape.ts';
import { lineAndColumn, type YamlFile } from './yaml-text.ts';
import type { YamlEntry, YamlNode } from './yaml-tree.ts';

/** A node of a file: its document and the indexes of the entries that lead to it. */
export interface Place {
  document: number;
  indexes: readonly number[];
  /** As text, for messages. */
  path: string;
}

/** A node with the entries around it, from the outside in. */
export interface Found {
  node: YamlNode;
  /** The collection and the entry that hold the node; absent for the root. */
  holder?: { collection: YamlNode; entry: YamlEntry; index: number };
}

/**
 * Finds the one node that a path names. In a file of several documents a path that begins with an index names the document
 * (`[1].metadata.name`, from 0); any other path must fit exactly one of them.
 *
 * @throws BatonError `EDIT_NO_MATCH`, `EDIT_AMBIGUOUS` (a key that is there twice, several documents), `EDIT_INVALID` (through an alias)
 */
export function findPlace(file: YamlFile, path: NodePath): Place {
  const parts = parseNodePath(path);
  const [first, ...rest] = parts;
  if (file.documents.length > 1 && typeof first === 'number') {
    if (file.documents[first] === undefined) {
      throw noMatch(`no document [${first}]: the file has ${file.documents.length}, counted from 0`);
    }
    return walk(file, first, rest, printNodePath(path));
  }
  const found: Place[] = [];
  const faults: unknown[] = [];
  for (const document of file.documents.keys()) {
    try {
      found.push(walk(file, document, parts, printNodePath(path)));
    } catch (fault) {
      if (!(fault instanceof BatonError) || fault.code !== 'EDIT_NO_MATCH') throw fault;
      faults.push(fault);
    }
  }
  if (found.length > 1) {
    const some = found.slice(0, 8).map(({ document }) => `[${document}]`);
    const which = some.join(', ') + (found.length > some.length ? ', ...' : '');
    throw new BatonError('EDIT_AMBIGUOUS', `${placeName(printNodePath(path))} is in several documents: ${which}`, {
      hint: 'Put the index of the document in front of the path: [0].metadata.name',
    });
  }
  if (found[0] === undefined) throw faults[0];
  return found[0];
}

/** The node at a place of this file, or of one that an edit made of it. */
export function nodeAt(file: YamlFile, { document, indexes }: Place): Found {
  let found: Found = { node: file.documents[document] ?? fault() };
  for (const index of indexes) {
    const collection = found.node;
    const entry = collection.entries[index] ?? fault();
    found = { node: entry.value, holder: { collection, entry, index } };
  }
  return found;
}

/** The place of an entry's value. */
export function placeInside({ document, indexes, path }: Place, index: number, part: string | number): Place {
  const name = printNodePath([part]);
  const dot = typeof part === 'string' && path !== '' ? '.' : '';
  return { document, indexes: [...indexes, index], path: `${path}${dot}${name}` };
}

/** How a place is named in a message. */
export function placeName(path: string): string {
  return path === '' ? 'the root' : path;
}

/** The index of the pair with this key; -1 when there is none. @throws BatonError `EDIT_AMBIGUOUS` when it is there twice */
export function findKey(file: YamlFile, node: YamlNode, key: string, path: string): number {
  const found = node.entries.filter((entry) => hasKey(entry, key));
  const [first, second] = found;
  if (first !== undefined && second !== undefined) {
    const [one, two] = [lineAndColumn(file.text, first.start), lineAndColumn(file.text, second.start)];
    throw new BatonError(
      'EDIT_AMBIGUOUS',
      `the key ${JSON.stringify(key)} is twice in ${placeName(path)}: ${one} and ${two}`,
    );
  }
  return first === undefined ? -1 : node.entries.indexOf(first);
}

/** @throws BatonError `EDIT_INVALID`: what an alias stands for is edited where it is written */
export function refuseAlias(file: YamlFile, node: YamlNode, path: string): void {
  if (node.kind !== 'alias') return;
  const name = String(node.value);
  const where = node.target === undefined ? '' : `, ${lineAndColumn(file.text, node.target.start)}`;
  throw new BatonError('EDIT_INVALID', `${placeName(path)} is the alias *${name}`, {
    hint: `Name the node that has the anchor &${name}${where}: the edit is seen wherever the alias stands.`,
  });
}

/** The error of an edit that found no place. */
export function noMatch(message: string, hint?: string): BatonError {
  return new BatonError('EDIT_NO_MATCH', message, hint === undefined ? {} : { hint });
}

function walk(file: YamlFile, document: number, parts: readonly (string | number)[], path: string): Place {
  let node = file.documents[document] ?? fault();
  const indexes: number[] = [];
  for (const [depth, part] of parts.entries()) {
    const above = printNodePath(parts.slice(0, depth));
    refuseAlias(file, node, above);
    const index = typeof part === 'number' ? itemIndex(node, part) : findKey(file, node, part, above);
    const entry = node.entries[index];
    if (entry === undefined) throw missing(node, part, above, path);
    indexes.push(index);
    node = entry.value;
  }
  return { document, indexes, path };
}

function itemIndex(node: YamlNode, index: number): number {
  return node.kind === 'seq' ? index : -1;
}

function missing(node: YamlNode, part: string | number, above: string, path: string): BatonError {
  const where = `no ${placeName(path)} in the file: ${placeName(above)}`;
  if (typeof part === 'number') {
    const has = node.kind === 'seq' ? `has ${node.entries.length} items` : `is ${kindName(node)}`;
    return noMatch(`${where} ${has}, there is no [${part}]`);
  }
  if (node.kind !== 'map') return noMatch(`${where} is ${kindName(node)}, not a mapping`);
  const keys = node.entries.map(({ key }) => String(key?.value));
  const near = nearest(part, keys);
  const hint = near === undefined ? keyList(keys) : `Did you mean ${near}?`;
  return noMatch(`${where} has no key ${JSON.stringify(part)}`, hint);
}

function keyList(keys: readonly string[]): string {
  if (keys.length === 0) return 'It has no keys.';
  const shown = keys.slice(0, 12).join(', ');
  return `Its keys: ${shown}${keys.length > 12 ? ', ...' : ''}.`;
}

/** A kind in words. */
export function kindName({ kind, value }: YamlNode): string {
  if (kind === 'map') return 'a mapping';
  if (kind === 'seq') return 'a list';
  return kind === 'alias' ? 'an alias' : value === null ? 'empty' : 'a single value';
}

function fault(): never {
  throw new BatonError('INTERNAL', 'a place of a YAML file is gone');
}
