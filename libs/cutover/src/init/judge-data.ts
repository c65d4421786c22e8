import { printNodePath } from '@baton/edit';
import type { EditOperation } from '../model/manifest.ts';
import { type DataNode, dataNodes, walkNodes } from './data-nodes.ts';
import { type Piece, span } from './judgement.ts';
import { LANGUAGES, type Language } from './languages.ts';
import { isAtOrBelow } from './listing.ts';
import type { Moves } from './moves.ts';
import { rewriteText } from './references.ts';

/** What a rule needs to know of the file. */
interface Context {
  moves: Moves;
  old: Language;
  path: string;
  /** The path after the moves. */
  target: string;
  isJson: boolean;
  isWorkflow: boolean;
  /** Whether the file names the component at all. */
  isAbout: boolean;
}

/** Items of lists in YAML and JSON that go: exclusions of the nested directory, doubles, deleted paths, tools of the old one. */
export function judgeData(moves: Moves, path: string, text: string, isAbout: boolean): Piece[] {
  const root = dataNodes(path, text);
  const old = LANGUAGES.find(({ name }) => name === moves.layout.oldLanguage);
  if (root === undefined || old === undefined) return [];
  const context: Context = {
    moves,
    old,
    path,
    target: moves.after(path) ?? path,
    isJson: !/[.]ya?ml$/.test(path),
    isWorkflow: /^[.]github\/(workflows|actions)\//.test(path),
    isAbout,
  };
  const pieces = [...judgeTree(context, root)];
  if (!context.isJson) {
    for (const node of walkNodes(root)) {
      if (node.embedded !== undefined) pieces.push(...embeddedPieces(context, node, node.embedded));
    }
  }
  return context.isJson ? joinedJson(context, pieces) : pieces;
}

function judgeTree(context: Context, root: DataNode): Piece[] {
  const pieces: Piece[] = [];
  for (const node of walkNodes(root)) {
    if (
      node.kind !== 'seq' ||
      pieces.some(
        ({ lines }) =>
          lines.includes(node.first) && lines.includes(node.last) && node.path.length > 1 && isInside(pieces, node),
      )
    )
      continue;
    pieces.push(...scalarItems(context, node), ...mapItems(context, node));
  }
  return pieces;
}

function isInside(pieces: readonly Piece[], node: DataNode): boolean {
  return pieces.some(
    ({ operation, lines }) =>
      ('yaml.item' in operation || 'json.edit' in operation) && lines.includes(node.first) && lines.includes(node.last),
  );
}

function scalarItems(context: Context, node: DataNode): Piece[] {
  const values = node.items.map(({ value }) => (typeof value === 'string' ? value : undefined));
  const gone = node.items.filter((_, index) => goes(context, node, values, index));
  if (gone.length === 0 || gone.length === node.items.length) return [];
  const remove = gone.flatMap(({ value }) => (value === null ? [] : [value]));
  const operation: EditOperation = context.isJson
    ? { 'json.edit': { in: context.target, ops: [{ at: printNodePath(node.path), remove }] } }
    : { 'yaml.list': { in: context.target, at: printNodePath(node.path), remove, expect: node.items.length } };
  return [
    {
      operation,
      lines: gone.flatMap(({ first, last }) => span(first, last)),
      reason: 'no longer there, or there twice',
    },
  ];
}

function goes(context: Context, node: DataNode, values: readonly (string | undefined)[], index: number): boolean {
  const { moves, old, path } = context;
  const value = values[index];
  if (value === undefined) return false;
  const plain = value
    .replace(/^!/, '')
    .replace(/^[./]*\//, '')
    .replace(/(\/\*+)+$/, '')
    .replace(/\/$/, '');
  if (value.startsWith('!') && plain === moves.layout.nested) return true;
  const becomes = rewriteText(moves, path, value);
  // What is deleted cannot be named by itself; inside of a command only a person knows.
  if (becomes === undefined) return !/\s/.test(value);
  if (
    becomes !== value &&
    values.some(
      (other, at) =>
        at !== index &&
        other !== undefined &&
        (other === becomes || (at < index && rewriteText(moves, path, other) === becomes)),
    )
  )
    return true;
  return isManagerList(node, values, old) && old.managers.includes(value) && !isNeeded(context, value);
}

// A list of tools: what stands beside, or the name of the list, says so.
function isManagerList(node: DataNode, values: readonly (string | undefined)[], old: Language): boolean {
  const others = LANGUAGES.filter((each) => each !== old).flatMap(({ managers }) => managers);
  return (
    /manager|language|ecosystem/i.test(String(node.path.at(-1) ?? '')) ||
    values.some((value) => value !== undefined && others.includes(value))
  );
}

const MANAGED: readonly { managers: readonly string[]; files: RegExp }[] = [
  { managers: ['pep621', 'hatch', 'setuptools'], files: /(^|\/)pyproject[.]toml$/ },
  { managers: ['poetry'], files: /(^|\/)poetry[.]lock$/ },
  { managers: ['pip_requirements', 'pip-compile'], files: /(^|\/)[\w-]*requirements[^/]*[.](txt|in)$/ },
  {
    managers: ['pip', 'uv'],
    files: /(^|\/)([\w-]*requirements[^/]*[.](txt|in)|pyproject[.]toml|setup[.]py|uv[.]lock)$/,
  },
  { managers: ['pipenv'], files: /(^|\/)Pipfile$/ },
  { managers: ['pip_setup', 'setup-cfg'], files: /(^|\/)setup[.](py|cfg)$/ },
];

// A manager is needed while its files are there; a language in a list of a file about the component is about the old one.
function isNeeded({ moves, isAbout, old }: Context, manager: string): boolean {
  const files = MANAGED.find(({ managers }) => managers.includes(manager))?.files;
  if (files !== undefined) return moves.remaining.some((path) => files.test(path));
  return !isAbout && moves.remaining.some((path) => old.extensions.some((extension) => path.endsWith(extension)));
}

function mapItems(context: Context, node: DataNode): Piece[] {
  const inMatrix = node.path.some((step) => step === 'matrix');
  if (context.isWorkflow && !inMatrix) return [];
  const pieces: Piece[] = [];
  for (const item of node.items) {
    if (item.kind !== 'map' || node.items.length < 2 || !isAboutOld(context, item)) continue;
    const lines = span(item.first, item.last);
    if (context.isJson) {
      pieces.push({
        operation: { 'json.edit': { in: context.target, ops: [{ at: printNodePath(item.path), delete: true }] } },
        lines,
        reason: 'about the old one alone',
      });
      continue;
    }
    const where = distinction(node, item);
    if (where !== undefined)
      pieces.push({
        operation: { 'yaml.item': { in: context.target, list: printNodePath(node.path), where, delete: true } },
        lines,
        reason: 'about the old one alone',
      });
  }
  return pieces;
}

/** An entry that names a tool of the old one or what is deleted, and nothing of anybody else. */
function isAboutOld({ moves, old, path: file, isAbout, isWorkflow }: Context, item: DataNode): boolean {
  const { component, nested } = moves.layout;
  const scalars = [...walkNodes(item)].filter(({ kind }) => kind === 'scalar');
  const texts = scalars.flatMap(({ value }) => (typeof value === 'string' ? [value] : []));
  const named = item.entries.some(
    ({ key, node }) => /ecosystem|manager|language|^type$|lang$/i.test(key) && namesOld(node, old),
  );
  const paths = texts.filter((value) => /^!?[^\s]*\/[^\s]*$/.test(value) && !/:\/\//.test(value)).map(repositoryPath);
  const becomes = texts.map((value) => rewriteText(moves, file, value));
  const isNew = becomes.some((value, index) => value !== texts[index] && value !== undefined);
  const isGone = becomes.includes(undefined);
  const elsewhere = paths.some((path) => !isAtOrBelow(path, component) && (moves.listing.exists(path) || path === ''));
  if (isNew || paths.some((path) => isAtOrBelow(path, nested))) return false;
  if (named && isWorkflow) return isAbout;
  return !elsewhere && ((named && paths.some((path) => isAtOrBelow(path, component))) || isGone);
}

function namesOld(node: DataNode, old: Language): boolean {
  const values = node.kind === 'seq' ? node.items.map(({ value }) => value) : [node.value];
  return values.length > 0 && values.every((value) => typeof value === 'string' && old.managers.includes(value));
}

function repositoryPath(value: string): string {
  return value
    .replace(/^!/, '')
    .replace(/^(\$\{[^}]*\}|\$\w+)/, '')
    .replace(/^[.]?\//, '')
    .replace(/\/?[*?{[].*$/, '')
    .replace(/\/$/, '');
}

/** The fewest fields that tell an item from the others of its list. */
function distinction(list: DataNode, item: DataNode): Record<string, string | number | boolean> | undefined {
  const fields = item.entries.flatMap(({ key, node: { kind, value } }) =>
    kind === 'scalar' && value !== null ? [{ key, value }] : [],
  );
  for (let count = 1; count <= fields.length; count += 1) {
    const chosen = fields.slice(0, count);
    const same = list.items.filter((other) =>
      chosen.every(({ key, value }) => other.entries.some((entry) => entry.key === key && entry.node.value === value)),
    );
    if (same.length === 1) return Object.fromEntries(chosen.map(({ key, value }) => [key, value]));
  }
  return undefined;
}

function embeddedPieces(context: Context, node: DataNode, inner: DataNode): Piece[] {
  return judgeTree({ ...context, isJson: false, isWorkflow: false }, inner).flatMap(
    ({ operation, lines, reason }): Piece[] => {
      if (!('yaml.list' in operation)) return [];
      const { in: _, ...list } = operation['yaml.list'];
      return [
        {
          operation: {
            'yaml.embedded': {
              in: context.target,
              at: printNodePath(node.path),
              as: 'yaml',
              ops: [{ 'yaml.list': list }],
            },
          },
          lines,
          reason,
        },
      ];
    },
  );
}

// One operation for a JSON file: its steps are all about the document as it is before.
function joinedJson(context: Context, pieces: readonly Piece[]): Piece[] {
  const ops = pieces.flatMap(({ operation }) => ('json.edit' in operation ? operation['json.edit'].ops : []));
  if (ops.length === 0) return [];
  return [
    {
      operation: { 'json.edit': { in: context.target, ops } },
      lines: pieces.flatMap(({ lines }) => lines),
      reason: 'about the old one alone',
    },
  ];
}
