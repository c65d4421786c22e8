import type {
  ChangelogOperation,
  Count,
  DockerInstrOperation,
  JsonEditOperation,
  LinesOperation,
  MakeTargetOperation,
  MakeVarOperation,
  MdBulletOperation,
  MdFenceOperation,
  MdRowOperation,
  MdSectionOperation,
  MergeOperation,
  NotesOperation,
  PatchOperation,
  RepathOperation,
  ReplaceOperation,
  TomlEditOperation,
  YamlCarryOperation,
  YamlEmbeddedOperation,
  YamlItemOperation,
  YamlListOperation,
  YamlMapOperation,
} from '@baton/edit';

/**
 * `cutover.yaml`, after its variables (`<<name>>`) are filled in. All paths are of the repository, from its root, with `/`.
 * Globs know `*`, `**`, `?`, `[...]` and `{a,b}`; hidden names match like any others.
 */
export interface CutoverManifest {
  version: 1;
  name: string;
  requires?: Requirements;
  vars?: Readonly<Record<string, string>>;
  paths: readonly PathOperation[];
  edits: readonly EditOperation[];
  generate: readonly GenerateOperation[];
  scan: readonly ScanOperation[];
  accept: readonly Criterion[];
  /** Statements that must exist before the pull request may be ready: `evidence.md` of the product's docs. */
  gates: readonly Gate[];
  commit: CommitDescription;
  'pull-request'?: PullRequestDescription;
}

/** What must hold before anything is planned. */
export interface Requirements {
  /** The branch that the base commit must be the head of. */
  branch?: string;
  /** No uncommitted changes in the checkout (asked only where there is one). */
  clean?: boolean;
  /** Commits that the base must contain. */
  ancestors?: readonly string[];
  /** Names of checks that must have succeeded on the base commit; *pending* where no forge can be asked. */
  checks?: readonly string[];
}

/** P: all read the input tree and are applied at once. */
export type PathOperation =
  | { delete: { glob: string | readonly string[]; except?: readonly string[]; expect?: Count } & Common }
  | {
      move: { from: string; to: string; onto?: 'absent' | 'deleted' | 'replace'; links?: 'keep' | 'retarget' } & Common;
    }
  | {
      flatten: {
        dir: string;
        into: string;
        /** For each name on both sides: whose entry stays, or that an edit `merge` joins them. */
        collisions?: Readonly<Record<string, 'nested' | 'outer' | 'merge'>>;
        links?: 'keep' | 'retarget';
      } & Common;
    }
  | { link: { path: string; target: string } & Common }
  | { mode: { path: string; exec: boolean } & Common }
  | { create: ({ path: string; exec?: boolean } & ({ text: string } | { from: string })) & Common };

/** What every operation may carry. */
export interface Common {
  /** Finding nothing, or nothing to do, is no error. */
  optional?: boolean;
  /** Why; shown in the plan. */
  reason?: string;
}

/** The file or files that an edit is about, named as they are AFTER the path operations; a list or a glob edits each. */
export interface InFiles extends Common {
  in: string | readonly string[];
}

/** E: each is located in the bytes that the file has before any edit. */
export type EditOperation =
  | { replace: ReplaceOperation & InFiles }
  | { repath: RepathOperation & InFiles & { except?: readonly string[] } }
  | { 'yaml.list': YamlListOperation & InFiles }
  | { 'yaml.map': YamlMapOperation & InFiles }
  | { 'yaml.item': YamlItemOperation & InFiles }
  | { 'yaml.embedded': YamlEmbeddedOperation & InFiles }
  /** `from` is a path of the INPUT tree, also of a file that the cutover deletes. */
  | { 'yaml.carry': YamlCarryOperation & InFiles & { from: string } }
  | { 'json.edit': JsonEditOperation & InFiles }
  | { 'toml.edit': TomlEditOperation & InFiles }
  | { 'md.section': MdSectionOperation & InFiles }
  | { 'md.bullet': MdBulletOperation & InFiles }
  | { 'md.row': MdRowOperation & InFiles }
  | { 'md.fence': MdFenceOperation & InFiles }
  | { 'make.target': MakeTargetOperation & InFiles }
  | { 'make.var': MakeVarOperation & InFiles }
  | { 'docker.instr': DockerInstrOperation & InFiles }
  | { lines: LinesOperation & InFiles }
  /** Both are paths of the input tree; the result is the file named by `in`. */
  | { merge: MergeOperation & InFiles & { ours: string; theirs: string } }
  | { patch: ({ diff: string } | { from: string }) & InFiles }
  /** A file beside the manifest takes the place of `in`. */
  | { 'replace-file': { from: string } & InFiles }
  | { changelog: Omit<ChangelogOperation, 'entry'> & ({ entry: string } | { from: string }) & InFiles }
  | { notes: Omit<NotesOperation, 'text'> & ({ text: string } | { from: string }) & InFiles };

/** A `patch` after its text was read. */
export type ResolvedPatch = PatchOperation;

/** G: runs in a private checkout of the new tree; only the declared outputs may differ, and a second run gives the same bytes. */
export type GenerateOperation = {
  run: {
    cmd: readonly string[];
    /** Directory to run in; the root when left out. */
    cwd?: string;
    outputs: readonly string[];
    /** `none` (the default): in a network namespace of its own where the machine allows it. */
    network?: 'none' | 'host';
    /** Seconds; 300 when left out. */
    timeout?: number;
  } & Common;
};

/** S: on the result tree. */
export type ScanOperation =
  | {
      forbid: {
        id?: string;
        /** Words or patterns; a line that has one of them is a residual. */
        pattern: string | readonly string[];
        /**
         * Whole words only: no letter, digit or `_` on a side where the word itself begins or ends with one. The default, but not for
         * regular expressions, which are taken as they are.
         */
        word?: boolean;
        regex?: boolean;
        'ignore-case'?: boolean;
        /** Globs; the whole tree when left out. */
        in?: string | readonly string[];
        not?: readonly string[];
        /** Line-exact: the whole line without its indentation; one that matches nothing is an error. */
        except?: readonly { path: string; line: string; reason: string }[];
      } & Common;
    }
  | {
      links: {
        in?: string | readonly string[];
        except?: readonly { path: string; link: string; reason: string }[];
      } & Common;
    }
  | {
      'dead-paths': {
        in?: string | readonly string[];
        except?: readonly { path: string; reference: string; reason: string }[];
      } & Common;
    };

/** A: each has an id and a result. */
export type Criterion = { id: string; text?: string } & (
  | { exists: string | readonly string[] }
  | {
      absent:
        | string
        | readonly string[] /** Judge blobs of the input tree below these paths, not the paths themselves. */;
      blobs?: boolean;
    }
  | { contains: { path: string; text: string; regex?: boolean; not?: boolean } }
  | { 'same-blob': { from: string; to: string } }
  | {
      cmd: {
        run: readonly string[];
        cwd?: string;
        timeout?: number;
        network?: 'none' | 'host';
        needs?: readonly string[];
      };
    }
  | {
      parity: {
        kind: 'workflow' | 'dockerfile' | 'makefile';
        /** The file in the input tree. */
        old: string;
        /** The file in the result tree. */
        new: string;
        /** What may be lost: `permission packages: write`, with a reason. */
        losses?: readonly { what: string; reason: string }[];
      };
    }
);

/** A statement that is demanded; what cannot be seen is pending. */
export interface Gate {
  id: string;
  /** `parity`: of the image digest and corpus digest named; `imported`: the result of a suite that Baton does not run. */
  evidence: 'parity' | 'imported' | 'image' | 'verify';
  /** Digest of the image that the statement is about. */
  image?: string;
  /** Digest of the scenario corpus. */
  corpus?: string;
  /** Name of the imported suite. */
  name?: string;
  /** Where statements are looked for; `dist/evidence` of the manifest's directory when left out. */
  from?: readonly string[];
}

/** C: everything that is in the commit comes from here and from the base commit. */
export interface CommitDescription {
  author: { name: string; email: string };
  /** The author when left out. */
  committer?: { name: string; email: string };
  subject: string;
  body?: string;
  /** Adds `Signed-off-by` of the author. */
  signoff?: boolean;
  sign?: { format: 'openpgp' | 'ssh'; key: string };
  /** `base` (the default): the base commit's committer time plus one second; `SOURCE_DATE_EPOCH` wins over it. An ISO date is taken as is. */
  date?: string;
}

/** C: the pull request. */
export interface PullRequestDescription {
  /** `owner/name`; of the remote `origin` when left out. */
  repository?: string;
  branch: string;
  /** `requires.branch`, else the forge's default branch, when left out. */
  base?: string;
  title?: string;
  /** A pattern that the title must match. */
  'title-pattern'?: string;
  labels?: readonly string[];
  /** Text above the generated part; the file beside the manifest when it says `from`. */
  body?: string;
  /** What changes for users; shown in the body. */
  behaviour?: readonly string[];
  /** How to go back; shown in the body. */
  rollback?: readonly string[];
  /** Things outside of the repository that a person must do. */
  manual?: readonly string[];
  draft?: boolean;
}
