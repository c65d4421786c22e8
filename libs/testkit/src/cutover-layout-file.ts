import type { LayoutNames } from './cutover-layout-names.ts';

/** How a place changes: move, delete, overwrite, YAML, YAML in a string, JSON5, text, Markdown, Makefile, Dockerfile, lines, notes, relative path. */
export type EditClass =
  | 'mv'
  | 'del'
  | 'ow'
  | 'mg'
  | 'yl'
  | 'ye'
  | 'j5'
  | 'tx'
  | 'md'
  | 'mk'
  | 'dk'
  | 'ln'
  | 'rel'
  | 'carry';

/** A place that can be found by rules, and what it becomes. */
export interface MechanicalPlace {
  /** In the input tree. */
  path: string;
  class: EditClass;
  /** Of what kind the operation is that does it; `edit` for a line. */
  kind: 'delete' | 'flatten' | 'collision' | 'move' | 'edit' | 'carry';
  /** 1-based, for `edit`. */
  line?: number;
  /** The line afterwards without its indentation; null when it goes. For `carry` a line of the node. */
  after?: string | null;
  /** The node, for `carry`. */
  node?: string;
}

/** A line that a blind replacement would break, or that no rule can judge. */
export interface MarkedLine {
  path: string;
  line: number;
  text: string;
  why: string;
  /** What a person makes of the line by a `lines` edit, null when it goes; absent for a line that stays or that another edit changes. */
  after?: string | null;
}

/** What is known of a generated layout. */
export interface LayoutTruth {
  names: LayoutNames;
  mechanical: readonly MechanicalPlace[];
  traps: readonly MarkedLine[];
  /** Lines that only a person can change, all of them changed by `additions`. */
  human: readonly MarkedLine[];
  /** What a person adds to the proposal, as fragments of the manifest. */
  additions: LayoutAdditions;
  /** What holds in the result. */
  result: { present: readonly string[]; absent: readonly string[]; sameBlob: readonly { from: string; to: string }[] };
}

/** Fragments of a manifest. */
export interface LayoutAdditions {
  edits: Record<string, Record<string, unknown>>[];
  /** Lines of the result that may say what the scans forbid. */
  except: { path: string; line: string; reason: string }[];
  /** Links of the result that lead out of the repository. */
  links: { path: string; link: string; reason: string }[];
  /** Capabilities of replaced files that may be lost. */
  losses: { old: string; what: string; reason: string }[];
}

/** A file of a layout; `mode` is git's. */
export interface LayoutFile {
  bytes: Buffer;
  mode: '100644' | '100755' | '120000';
}

/** A line of a generated file, and what is true of it. */
export type Line =
  | string
  | {
      text: string;
      mark: 'mechanical' | 'trap' | 'human';
      class?: EditClass;
      after?: string | null;
      why?: string;
      by?: 'other';
    };

/** A line that rules can change; `after` null: it goes. */
export function does(kind: EditClass, text: string, after: string | null): Line {
  return { text, mark: 'mechanical', class: kind, after };
}

/** A line that must stay. */
export function stays(text: string, why: string): Line {
  return { text, mark: 'trap', why };
}

/** A line that a person changes, by a `lines` edit; `by: 'other'` when an addition of another kind does it. */
export function human(text: string, after: string | null, why: string, by?: 'other'): Line {
  return { text, mark: 'human', after, why, ...(by === undefined ? {} : { by }) };
}

/** Collects the files of a layout together with its truth. */
export interface LayoutBuilder {
  names: LayoutNames;
  files: Map<string, LayoutFile>;
  mechanical: MechanicalPlace[];
  traps: MarkedLine[];
  human: MarkedLine[];
  additions: LayoutAdditions;
  present: string[];
  absent: string[];
  sameBlob: { from: string; to: string }[];
  /** A text file by lines; `moved` is where it will be, when it moves. */
  text(path: string, lines: readonly Line[], options?: { exec?: boolean; crlf?: boolean; moved?: string }): void;
  link(path: string, target: string): void;
}

/** An empty layout. */
export function layoutBuilder(names: LayoutNames): LayoutBuilder {
  const builder: LayoutBuilder = {
    names,
    files: new Map(),
    mechanical: [],
    traps: [],
    human: [],
    additions: { edits: [], except: [], links: [], losses: [] },
    present: [],
    absent: [],
    sameBlob: [],
    text(path, lines, { exec = false, crlf = false, moved = path } = {}) {
      const ending = crlf ? '\r\n' : '\n';
      const texts = lines.map((line) => (typeof line === 'string' ? line : line.text));
      builder.files.set(path, {
        bytes: Buffer.from(texts.map((text) => text + ending).join('')),
        mode: exec ? '100755' : '100644',
      });
      for (const [index, line] of lines.entries()) if (typeof line !== 'string') note(path, index + 1, line, moved);
    },
    link(path, target) {
      builder.files.set(path, { bytes: Buffer.from(target), mode: '120000' });
    },
  };
  const note = (path: string, number: number, line: Exclude<Line, string>, moved: string): void => {
    const { text, mark, after, why = '' } = line;
    if (mark === 'mechanical') {
      builder.mechanical.push({ path, class: line.class ?? 'tx', kind: 'edit', line: number, after: after ?? null });
    } else if (mark === 'trap') builder.traps.push({ path, line: number, text, why });
    else {
      if (line.by === 'other' || after === undefined) return void builder.human.push({ path, line: number, text, why });
      builder.human.push({ path, line: number, text, why, after });
      const change = after === null ? { delete: true } : { replace: after };
      builder.additions.edits.push({ lines: { in: moved, match: text, ...change, reason: why } });
    }
  };
  return builder;
}
