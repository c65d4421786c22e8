import type { ObjectId, Tree } from '@baton/git';
import type { CutoverManifest } from '../model/manifest.ts';

/** What a person may say about the layout; what is left out is found. */
export interface LayoutHints {
  /** Files and directories of the old implementation: `agent/fleet_agent`. */
  old?: readonly string[];
  /** The directory of the new implementation: `agent/go`. */
  nested?: string;
  /** The directory that both live in: `agent`. */
  component?: string;
}

/** What `proposeCutover` looks at: one tree and a way to read its blobs. */
export interface ProposalInput {
  tree: Tree;
  readBlobs(ids: Iterable<ObjectId>): AsyncIterable<{ id: ObjectId; bytes: Buffer }>;
  hints?: LayoutHints;
  /** Author of the commit. Git's configuration is never asked: without it the manifest has a blank to fill in. */
  author?: { name: string; email: string };
}

/** Two files of which the new one takes the name of the old one. */
export interface Pair {
  kind: 'dockerfile' | 'workflow' | 'file';
  old: string;
  new: string;
}

/** Where old and new live. */
export interface Layout {
  component: string;
  nested: string;
  /** What belongs to the old implementation and goes: files and directories, by path. */
  old: readonly string[];
  oldLanguage: string;
  newLanguage: string;
  /** Names on both sides of the flattening that stay: `Makefile`, `README.md`. */
  collisions: readonly string[];
  pairs: readonly Pair[];
}

/** One line of the input tree that names the old layout or the old toolchain, and what becomes of it. */
export interface Place {
  path: string;
  /** 1-based. */
  line: number;
  text: string;
  /** `edit`: an operation changes it; `stay`: it is right as it is; `human`: only a person can know. */
  decision: 'edit' | 'stay' | 'human';
  reason: string;
}

/** A first manifest and all that it rests on. */
export interface Proposal {
  layout: Layout;
  manifest: CutoverManifest;
  /** In the order of path and line. */
  places: readonly Place[];
  /** What the replaced files lose and no operation of the proposal brings over. */
  losses: readonly { kind: 'workflow' | 'dockerfile' | 'makefile'; old: string; new: string; what: string }[];
}
