/** How many matches an operation wants: exactly so many, a range with both ends included, or any number above zero. */
export type Count = number | 'any' | { min?: number; max?: number };

/**
 * Where a node of a YAML, JSON or TOML document is: `on.push.paths`, `jobs.build.steps[2]`, `jobs."a.b".needs`, or the same as a
 * list of keys and indexes. The empty path is the document's root.
 */
export type NodePath = string | readonly (string | number)[];

/** A value that is written into a document. */
export type Value = string | number | boolean | null | readonly Value[] | { readonly [key: string]: Value };

/** Where a new item of a list goes; `before` and `after` name an item by its value. */
export type Position = 'start' | 'end' | { before: Value } | { after: Value };

/** `replace`: text for text. Literal and exactly once unless it says otherwise. */
export interface ReplaceOperation {
  find: string;
  with: string;
  /** 1 when left out. */
  count?: Count;
  /** Only where no letter, digit or `_` stands on either side. */
  word?: boolean;
  /** `find` is a JavaScript regular expression (flags `mu`); `with` may say `$1`, `$<name>`, `$$`. Bounded in time. */
  regex?: boolean;
  'ignore-case'?: boolean;
}

/** `yaml.list`: items of one sequence, block or flow. */
export interface YamlListOperation {
  at: NodePath;
  add?: readonly { value: Value; position?: Position; comment?: string }[];
  remove?: readonly Value[];
  replace?: readonly { from: Value; to: Value }[];
  /** How many items the list has before the edit. */
  expect?: Count;
  /** Leave the comment of a removed item where it is. */
  'keep-comment'?: boolean;
}

/** `yaml.map`: keys of one mapping. */
export interface YamlMapOperation {
  at: NodePath;
  set?: Readonly<Record<string, Value>>;
  delete?: readonly string[];
  'rename-key'?: Readonly<Record<string, string>>;
  'keep-comment'?: boolean;
}

/** `yaml.item`: exactly one mapping in a sequence, found by its fields (a field may be a path: `with.name`). */
export interface YamlItemOperation {
  list: NodePath;
  where: Readonly<Record<string, Value>>;
  set?: Readonly<Record<string, Value>>;
  delete?: boolean;
  'keep-comment'?: boolean;
}

/** `yaml.embedded`: edits of the document in a block scalar, which is indented again afterwards. */
export interface YamlEmbeddedOperation {
  at: NodePath;
  as: 'yaml' | 'json' | 'text';
  ops: readonly EmbeddedEdit[];
}

export type EmbeddedEdit =
  | { 'yaml.list': YamlListOperation }
  | { 'yaml.map': YamlMapOperation }
  | { 'yaml.item': YamlItemOperation }
  | { 'json.edit': JsonEditOperation }
  | { lines: LinesOperation }
  | { replace: ReplaceOperation };

/** `yaml.carry`: a node of another file, verbatim but for its indentation, with its comments. */
export interface YamlCarryOperation {
  /** The node in the source file. */
  node: NodePath;
  /** The mapping that gets it under the same key (or `key`), or the sequence that gets it as an item. */
  to: NodePath;
  key?: string;
  at?: Position | 'replace';
}

/** One step of `json.edit` or `toml.edit`: exactly one verb. */
export type DataEdit =
  | { at: NodePath; set: Value }
  | { at: NodePath; delete: true }
  | { at: NodePath; add: readonly Value[]; position?: Position }
  | { at: NodePath; remove: readonly Value[] }
  | { at: NodePath; replace: readonly { from: Value; to: Value }[] };

/** `json.edit`: of JSON, JSON with comments, JSON5; by the file's name when `format` is left out. */
export interface JsonEditOperation {
  format?: 'json' | 'jsonc' | 'json5';
  ops: readonly DataEdit[];
}

/** `toml.edit`: the same for TOML 1.0. */
export interface TomlEditOperation {
  ops: readonly DataEdit[];
}

/** `md.section`: a heading and all up to the next heading of the same or a higher level; fences are opaque. */
export interface MdSectionOperation {
  /** Heading texts from the outside in, or the last one alone when it is unique. */
  heading: string | readonly string[];
  replace?: string;
  remove?: true;
  rename?: string;
  append?: string;
}

/** `md.bullet`: one list item whose text contains `match`, with what is nested below it. */
export interface MdBulletOperation {
  under?: string | readonly string[];
  match: string;
  replace?: string;
  remove?: true;
  before?: string;
  after?: string;
}

/** `md.row`: one table row, found by the text of a cell under a column, or of any cell. */
export interface MdRowOperation {
  under?: string | readonly string[];
  match: string | Readonly<Record<string, string>>;
  /** The cells by column. */
  set?: Readonly<Record<string, string>>;
  remove?: true;
  /** A row behind the one found: its cells in order. */
  after?: readonly string[];
}

/** `md.fence`: the inside of one fenced code block. */
export interface MdFenceOperation {
  under?: string | readonly string[];
  lang?: string;
  match?: string;
  replace?: string;
  remove?: true;
  ops?: readonly ({ lines: LinesOperation } | { replace: ReplaceOperation })[];
}

/** `make.target`: a rule with its recipe, its `.PHONY` mention and its help comment (`## ...` or the comment right above). */
export interface MakeTargetOperation {
  name: string;
  rename?: string;
  remove?: true;
  /** The whole text of a new rule, put at the end or behind a target. */
  add?: string;
  after?: string;
  /** Replaces the recipe lines (without tabs). */
  recipe?: string;
  /** Replaces prerequisites. */
  prerequisites?: readonly string[];
}

/** `make.var`: a variable's assignment; the operator (`=`, `:=`, `?=`, `+=`) is kept. */
export interface MakeVarOperation {
  name: string;
  set?: string;
  rename?: string;
  remove?: true;
}

/** `docker.instr`: instructions of one kind, continuation lines included. */
export interface DockerInstrOperation {
  /** The name or number of a stage; the whole file when left out. */
  stage?: string | number;
  instruction: string;
  /** Text that the instruction's arguments contain. */
  match?: string;
  /** The new arguments; the keyword and its case stay. */
  set?: string;
  remove?: true;
  before?: string;
  after?: string;
  count?: Count;
}

/** `lines`: whole lines of a line file (ignore files, owners, text). */
export interface LinesOperation {
  /** The whole line without its ending; with `regex`, a regular expression for the whole line. */
  match: string;
  regex?: boolean;
  delete?: true;
  replace?: string;
  before?: string;
  after?: string;
  count?: Count;
}

/** `merge`: two versions of a colliding file become one; `sections` joins Markdown by heading, Makefiles by target. */
export interface MergeOperation {
  how: 'union-lines' | 'concat' | 'sections';
}

/** `patch`: a unified diff; its context must match where it says, without fuzz and without offset. */
export interface PatchOperation {
  diff: string;
}

/** `changelog`: a new entry below the preamble; older bytes stay. */
export interface ChangelogOperation {
  format: 'keep-a-changelog' | 'git-cliff' | 'plain';
  /** `v7.0.0`, or `Unreleased`. */
  version: string;
  /** `2026-05-01`; none under `Unreleased`. */
  date?: string;
  /** The Markdown below the heading. */
  entry: string;
  /** The name of a subsection to put the entry into: `Changed`. */
  section?: string;
}

/** `notes`: text below a heading of a release-notes file, which is made when absent. */
export interface NotesOperation {
  under: string;
  text: string;
}

/** How `repath` recognises a reference. */
export type RepathStyle = 'repository' | 'file' | 'cwd' | 'markdown';

/** `repath`: references follow the moves. */
export interface RepathOperation {
  styles: readonly RepathStyle[];
  /** For style `cwd`: the directory that lines `from`-`to` (of the original file, 1-based) run in, before the moves. */
  cwd?: readonly { dir: string; from?: number; to?: number }[];
}
