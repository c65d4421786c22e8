import type { Digest, Emit } from '@baton/kernel';
import type { Descriptor, RuntimeConfig } from '@baton/oci';
import type { FoundAttachment } from './attest/read-attached.ts';
import type { FoundSignature } from './attest/signature.ts';
import type { EngineBuilt, EnginePlan } from './docker/types.ts';

/** What every call of this room gets from its caller. */
export interface ImageIo {
  emit: Emit;
  /** Drops the caller. Work that others may want as well (a build) goes on to its end, in this process. */
  signal?: AbortSignal | undefined;
  /** The process is going away: ends such work, too. A command line sets both to the same. */
  shutdown?: AbortSignal | undefined;
  /** Root of the machine's cache; everything in it can be made again. */
  cacheDir: string;
  env: NodeJS.ProcessEnv;
}

/** A layer as it will be, before it is made. */
export interface PlannedLayer {
  /** 'files dist/bundle -> /app'. */
  title: string;
  origin: 'base' | 'own';
  /** Hash of everything that determines the layer's bytes; null while the bundle has yet to write its files. */
  key: Digest | null;
  /** Whether the bytes are at hand and nothing needs to be packed. */
  cached: boolean;
  /** Of the compressed layer, where it is known before building. */
  digest?: Digest | undefined;
  size?: number | undefined;
}

/** One platform of an image that is to be built. */
export interface PlannedPlatform {
  platform: string;
  base?: Digest | undefined;
  layers: PlannedLayer[];
  config: RuntimeConfig;
}

/** What `image build` is about to do; plain data. */
export interface BuildPlan {
  project: string;
  /** The name that the statement and the index will carry. */
  name: string;
  base: string;
  platforms: PlannedPlatform[];
  annotations: Record<string, string>;
  revision?: string | undefined;
  version?: string | undefined;
  /** Seconds since 1970 that the config's `created` will say. */
  epoch: number;
  /** The command that runs first, when there is one. */
  bundle?: string[] | undefined;
  repository?: string | undefined;
  /** Templates as the manifest has them. */
  tags: string[];
  /** What a person should know: what moved, what is dirty. */
  notes: string[];
  /** What the driver docker would do; then the layers of the platforms are not known. */
  engine?: EnginePlan | undefined;
}

/** One layer of a built image. */
export interface BuiltLayer {
  title: string;
  origin: 'base' | 'own';
  digest: Digest;
  size: number;
  diffId: Digest;
  cached: boolean;
}

/** One platform of a built image. */
export interface BuiltPlatform {
  platform: string;
  manifest: Descriptor;
  config: Digest;
  layers: BuiltLayer[];
}

/** What `image build` did. */
export interface BuildResult {
  /**
   * By the driver docker there is none before it is published: then this names the image in the engine (of the first
   * platform), by its ID and as a config; sizes are not known.
   */
  index: Descriptor;
  platforms: BuiltPlatform[];
  /** Absolute path of the layout directory. */
  layout: string;
  /** Absolute path of the statement. */
  statement: string;
  /** Nothing had to be done: the inputs are the ones of the last build. */
  unchanged: boolean;
  /** Milliseconds by phase; never part of a statement. */
  timings: Record<string, number>;
  /** What the driver docker did: the image is in an engine. */
  engine?: EngineBuilt | undefined;
}

/** What kind of promise a tag is: see `tags.ts`. */
export type TagKind = 'version' | 'commit' | 'line' | 'latest' | 'name';

/** A tag that `image publish` will look after. */
export interface PlannedTag {
  tag: string;
  kind: TagKind;
  /** 'keep': it stays where it is, and `reason` says why. */
  action: 'create' | 'move' | 'present' | 'keep';
  /** What it points at now. */
  current?: Digest | undefined;
  reason?: string | undefined;
}

/** A blob that the image needs in the target repository. */
export interface PlannedBlob {
  title: string;
  digest: Digest;
  size: number;
  action: 'present' | 'mount' | 'upload';
  /** Where the bytes come from: a repository on the same registry, the layout, the base. */
  from?: string | undefined;
}

/** Something that a publish attaches to the image; its bytes and how the registry will list it are not known yet. */
export interface PlannedAttachment {
  kind: 'statement' | 'sbom' | 'provenance' | 'signature';
  /** What it is about: `index`, or a platform. */
  of: string;
  /** The digest of that. */
  subject: Digest;
  action: 'attach' | 'present';
}

/** Something that is attached to a published image. */
export interface Attached {
  kind: PlannedAttachment['kind'];
  of: string;
  subject: Digest;
  /** sha256 of the statement, or of what was signed. */
  payload: Digest;
  state: 'attached' | 'present';
  /** How it is found: the registry lists it (`api`), the tag `sha256-<hex>` does, or a tag of cosign's. */
  by?: 'api' | 'tag' | 'cosign tag' | undefined;
  /** The key that signed it; absent when it is unsigned. */
  keyId?: string | undefined;
}

/** What `image publish` is about to do; plain data. */
export interface PublishPlan {
  project: string;
  /** `registry/name`, canonical. */
  repository: string;
  index: Descriptor;
  version?: string | undefined;
  revision?: string | undefined;
  tags: PlannedTag[];
  manifests: { platform: string; digest: Digest; size: number; action: 'present' | 'put' }[];
  indexAction: 'present' | 'put';
  blobs: PlannedBlob[];
  /** Digest of the statement that proves the build, and how it is signed; absent when accepted without proof. */
  evidence?: { digest: Digest; signature: string } | undefined;
  acceptedUnproven?: string | undefined;
  /** What will be attached, after the index and before the tags. */
  attachments: PlannedAttachment[];
  /** The id of the key that signs what is attached; absent without a key. */
  signingKey?: string | undefined;
  /** Nothing is left to do. */
  unchanged: boolean;
  notes: string[];
}

/** What `image publish` did. */
export interface PublishResult {
  /** The first tag with the digest: `registry/name:tag@sha256:...`. */
  reference: string;
  repository: string;
  index: Descriptor;
  tags: { tag: string; state: 'created' | 'moved' | 'present' }[];
  uploads: { blobs: number; bytes: number; mounted: number; present: number; manifests: number };
  attached: Attached[];
  unchanged: boolean;
  /** Absolute path of the statement. */
  statement: string;
  timings: Record<string, number>;
}

/** What `image export` wrote. */
export interface ExportResult {
  /** Absolute path. */
  to: string;
  format: 'layout' | 'archive' | 'docker-archive' | 'rootfs';
  index: Descriptor;
  /** Set for `docker-archive` and `rootfs`. */
  platform?: string | undefined;
  /** What `docker load` will call it; set for `docker-archive`. */
  names?: string[] | undefined;
  /** Bytes of the blobs that were not in the project's layout and had to be fetched. */
  fetched: number;
}

/** One platform of an inspected image. */
export interface InspectedPlatform {
  platform: string;
  manifest: Descriptor;
  config: Descriptor;
  runtime: RuntimeConfig;
  created?: string | undefined;
  layers: { descriptor: Descriptor; diffId: Digest; createdBy?: string | undefined; here: boolean }[];
  annotations: Record<string, string>;
  /** Of an image in an engine: its names there, its size, and whether it is still there. */
  engine?: { names: string[]; size: number; present: boolean } | undefined;
}

/** What an image is made of. */
export interface Inspection {
  /** A reference, or the path of a layout. */
  image: string;
  kind: 'project' | 'layout' | 'registry' | 'engine';
  index: Descriptor;
  annotations: Record<string, string>;
  platforms: InspectedPlatform[];
  /** Statements found beside a project's image. */
  statements: {
    path: string;
    digest: Digest;
    capability: string;
    result: string;
    signature: string;
    about: Digest[];
  }[];
  /** What is attached to an image in a registry: see `attest/read-attached.ts`. */
  attached: FoundAttachment[];
  /** Attachments that the registry lists beyond those. */
  moreAttached: number;
  /** Signatures on the index, where cosign keeps them; undefined for an image that is in no registry. */
  signatures?: FoundSignature[] | undefined;
}
