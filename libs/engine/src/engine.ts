import type { Digest, Emit } from '@baton/kernel';

/** What each call to an engine gets from its caller. */
export interface EngineIo {
  emit: Emit;
  /** Ends the call with `INTERRUPTED` and cleans up what it began. */
  signal?: AbortSignal | undefined;
}

/** What an engine is, or why there is none. */
export interface EngineReport {
  /** Where it was looked for: `unix:///var/run/docker.sock`. */
  address: string;
  available: boolean;
  /** Why not, in one clause: 'nothing listens there'. */
  reason?: string | undefined;
  version?: string | undefined;
  apiVersion?: string | undefined;
  /** The platform that it runs natively: `linux/amd64`. */
  platform?: string | undefined;
  /** How it can build, best first. */
  protocols: ('buildkit' | 'classic')[];
  /** `graph`: layers on a graph driver; `containerd`: the containerd image store. */
  store?: 'graph' | 'containerd' | undefined;
}

/** Credentials for one registry, in the form the Engine API takes. */
export interface EngineAuth {
  username?: string | undefined;
  password?: string | undefined;
  identityToken?: string | undefined;
  /** Host of the registry. */
  registry: string;
}

/** An image in an engine. */
export interface EngineImage {
  /** Digest of its configuration (with the containerd store: of its manifest). */
  id: Digest;
  platform: string;
  /** Of the uncompressed layers, bottom first. */
  diffIds: Digest[];
  /** `repo:tag` names. */
  tags: string[];
  /** `repo@sha256:...` under which registries have it. */
  digests: string[];
  /** Bytes, uncompressed. */
  size: number;
}

/** What to build. */
export interface EngineBuild {
  /** Absolute path of the context directory. */
  context: string;
  /** The Dockerfile: absolute path, inside the context or not. */
  dockerfile: string;
  platform?: string | undefined;
  target?: string | undefined;
  args?: Readonly<Record<string, string>> | undefined;
  labels?: Readonly<Record<string, string>> | undefined;
  network?: 'default' | 'host' | 'none' | undefined;
  /** `auto`: BuildKit where the engine has it. */
  protocol?: 'auto' | 'buildkit' | 'classic' | undefined;
  /** Names for the result. */
  tags?: readonly string[] | undefined;
  /** Modification time of every file in the context, in seconds since 1970: a build sees no other clock. */
  epoch?: number | undefined;
  /** For pulling bases. */
  auth?: readonly EngineAuth[] | undefined;
  noCache?: boolean | undefined;
}

/** One start of an image. */
export interface EngineRun {
  image: string;
  /** In place of the image's `Cmd`. */
  args?: readonly string[] | undefined;
  entrypoint?: readonly string[] | undefined;
  env?: Readonly<Record<string, string>> | undefined;
  /** Default: none. */
  network?: 'none' | 'host' | undefined;
  /** Milliseconds; then the container is ended with `TIMEOUT`. */
  timeout: number;
  /** Bytes kept of each stream (1 MiB). */
  maxOutput?: number | undefined;
}

/** How a container ended. */
export interface EngineRunResult {
  code: number;
  stdout: Buffer;
  stderr: Buffer;
}

/** A container to be started, perhaps more than once. */
export interface EngineContainerSpec {
  image: string;
  entrypoint: readonly string[];
  args?: readonly string[] | undefined;
  /** Directories and files of the engine's machine, writable. */
  binds: readonly { source: string; target: string }[];
  /** Default: none. */
  network?: 'none' | 'host' | undefined;
}

/** A container whose files stay between its starts. */
export interface EngineContainer {
  /** Returns once it runs; `ended` gives its exit code. */
  start(): Promise<{ ended: Promise<number> }>;
  /** Its first process, as the engine's machine numbers it; 0 when it does not run. */
  pid(): Promise<number>;
  /** Unpacks a tar archive at its root. */
  put(tar: AsyncIterable<Uint8Array>): Promise<void>;
  /** Its file system as a tar archive, without what is bound into it. */
  tree(): AsyncGenerator<Buffer>;
  /** Ends it at once; one that has ended is no error. */
  kill(): Promise<void>;
  /** Removes it, running or not. */
  remove(): Promise<void>;
}

/**
 * A container engine. Every method throws `ENGINE_UNAVAILABLE`, `ENGINE_FAILED`, `INTERRUPTED`; more are named where they
 * occur. Whatever happens, nothing that a call began stays behind: no container, no dangling image, no open pipe.
 */
export interface Engine {
  readonly address: string;
  /** Never throws because of the engine: what is wrong stands in the report. */
  probe(signal?: AbortSignal): Promise<EngineReport>;
  /**
   * `BUILD_FAILED` (step and last lines), `DOCKERFILE_INVALID`; `CONTEXT_INVALID`, `FILE_CHANGED`; about a base:
   * `BASE_NOT_FOUND`, `AUTH_*`, `REGISTRY_UNREACHABLE`, `PLATFORM_MISSING`, `RATE_LIMITED`. Events: `context.*` (bytes),
   * `build.*` by step (a printed line is the `detail` of a `build.progress`), `pull.*` by layer of a base.
   */
  build(build: EngineBuild, io: EngineIo): Promise<EngineImage>;
  /** Undefined when there is none of that name or ID. */
  inspect(image: string): Promise<EngineImage | undefined>;
  /** Reads a `docker save` archive into the engine; the names and IDs that the engine says it loaded. */
  load(archive: AsyncIterable<Uint8Array>, io: EngineIo): Promise<string[]>;
  /** The image as a `docker save` archive. `IMAGE_NOT_BUILT`. */
  save(image: string, io: EngineIo): AsyncGenerator<Buffer>;
  /** `IMAGE_NOT_FOUND`, `AUTH_*`, `PLATFORM_MISSING`, `REGISTRY_UNREACHABLE`, `RATE_LIMITED`. Events: `pull.*` by layer. */
  pull(reference: string, io: EngineIo & { platform?: string; auth?: EngineAuth | undefined }): Promise<EngineImage>;
  /** `IMAGE_NOT_BUILT`. */
  tag(image: string, reference: string): Promise<void>;
  /**
   * Pushes `repository:tag` and reads back what the registry has then: digest and size of its manifest.
   * `IMAGE_NOT_BUILT`, `AUTH_*`, `REGISTRY_UNREACHABLE`. Events: `push.*` by layer.
   */
  push(reference: string, io: EngineIo & { auth?: EngineAuth | undefined }): Promise<{ digest: Digest; size: number }>;
  /** Runs a container to its end and removes it. `TIMEOUT`, `IMAGE_NOT_BUILT`. */
  run(run: EngineRun, io: EngineIo): Promise<EngineRunResult>;
  /** Makes a container, which the caller removes. `IMAGE_NOT_BUILT`. */
  container(spec: EngineContainerSpec, io: EngineIo): Promise<EngineContainer>;
  /** Removes a name (and the image with its last name); one that is not there is no error. */
  remove(image: string): Promise<void>;
  close(): void;
}
