import type { Digest } from '@baton/kernel';
import type { RetentionSection } from '@baton/manifest';

/** What a registry has in one repository, as far as its tags lead to it. */
export interface RepositoryFacts {
  /** Undefined: it is listed, but the registry has no manifest for it. */
  tags: ReadonlyMap<string, Digest | undefined>;
  manifests: ReadonlyMap<Digest, ManifestFacts>;
}

/** A manifest or index, and what it leads to. */
export interface ManifestFacts {
  /** Bytes of the document itself. */
  size: number;
  /** Manifests that an index lists. */
  children: readonly Digest[];
  /** Config and layers. */
  blobs: readonly { digest: Digest; size: number }[];
  /** The manifest that this one is about. */
  subject?: Digest | undefined;
}

/** Why a tag stays or could go. */
export type RetentionRule =
  // Stays:
  | 'last'
  | 'candidate'
  | 'until'
  | 'never'
  | 'moving'
  | 'other'
  | 'same-image'
  | 'part'
  | 'attached'
  | 'unknown'
  // Could go:
  | 'older'
  | 'superseded'
  | 'may-go'
  | 'with-version'
  | 'attached-to-gone';

/** What becomes of one tag. */
export interface JudgedTag {
  tag: string;
  digest?: Digest | undefined;
  /** `major.minor` of a version. */
  line?: string | undefined;
  keep: boolean;
  rule: RetentionRule;
  /** For people: 'one of the last 3 of 1.4'. */
  why: string;
}

/** What becomes of one manifest. */
export interface JudgedManifest {
  digest: Digest;
  /** Tags that point at it. */
  tags: string[];
  keep: boolean;
  /** The tag that it stays with, or would go with. */
  with: string;
}

/** What could go, and why the rest stays; plain data. */
export interface RetentionPlan {
  /** `registry/name`, canonical. */
  repository: string;
  /** The day that the plan is for, YYYY-MM-DD. */
  date: string;
  dateFrom: string;
  policy: RetentionSection;
  policyFrom: string;
  tags: JudgedTag[];
  manifests: JudgedManifest[];
  couldGo: {
    tags: number;
    /** Different digests of these tags. */
    images: number;
    /** Indexes and manifests, attached ones too. */
    manifests: number;
    /** Of manifests and blobs that nothing which stays refers to; each once. */
    bytes: number;
  };
  /** What was asked of the registry. */
  requests: number;
  notes: string[];
}
