import { realpathSync } from 'node:fs';
import { join, relative, resolve, sep } from 'node:path';
import { openRepository, type Repository } from '@baton/git';
import type { LoadedManifest } from '@baton/manifest';
import { mayBeShallow, mayHaveTags } from './git-state.ts';
import type { Executables } from './layers/files/files-layer.ts';
import type { ImageIo } from './types.ts';

/**
 * What git says about a project, each question asked once in a run. Every answer is a process of its own, so those that
 * are sure to be needed are asked early, while something else works.
 */
export interface ProjectGit {
  /** The root of the repository, or the project's folder outside git. */
  root(): Promise<string>;
  /**
   * The revision that an image built now carries: the last commit that touched the declared inputs, `-dirty` behind it
   * on an unclean tree; undefined outside git and before the first commit.
   *
   * The declared inputs are the manifest's folder, the bundle's inputs and what layers take from elsewhere: a commit
   * that touches none of them leaves the revision, and so the image, as it is.
   */
  revision(): Promise<string | undefined>;
  tagsAtHead(): Promise<string[]>;
  executables: Executables;
  /** Asks for what a build needs, without waiting. */
  askAhead(): void;
}

/** Nothing is asked yet. Errors of the answers: `GIT_FAILED`, `TOOL_MISSING`. */
export function projectGit(project: LoadedManifest, io: Pick<ImageIo, 'emit'>): ProjectGit {
  const repository = once(() => openRepository(project.dir));
  const revision = once(async () => await revisionOf(project, await repository(), io));
  const tagsAtHead = once(async () =>
    mayHaveTags(project.dir) ? ((await (await repository())?.tagsAtHead()) ?? []) : [],
  );
  const made = bundleOutputs(project);
  const isMade = (path: string): boolean => made.some((output) => isBelow(output, path));
  const sources = layerSources(project).filter((path) => !isMade(path));
  const known = once(async (): Promise<Map<string, boolean>> => {
    if (sources.length === 0) return new Map();
    return (await (await repository())?.executableFiles(sources)) ?? new Map();
  });
  return {
    root: async () => (await repository())?.root ?? project.dir,
    revision,
    tagsAtHead,
    async executables(paths) {
      if (paths.every((path) => sources.includes(path))) return await known();
      // What the bundle command made is not in the index; its own executable bits count.
      if (paths.every(isMade)) return new Map();
      return (await (await repository())?.executableFiles(paths)) ?? new Map();
    },
    askAhead() {
      // Whoever needs an answer gets its error; here nobody waits for it.
      for (const ask of [revision, known]) void ask().catch(() => undefined);
    },
  };
}

function once<T>(ask: () => Promise<T>): () => Promise<T> {
  let answer: Promise<T> | undefined;
  return () => {
    answer ??= ask();
    return answer;
  };
}

async function revisionOf(
  project: LoadedManifest,
  repository: Repository | undefined,
  io: Pick<ImageIo, 'emit'>,
): Promise<string | undefined> {
  if (repository === undefined) return undefined;
  const inputs = declaredInputs(project, repository.root);
  const [commit, dirty, shallow] = await Promise.all([
    repository.lastCommitTouching(inputs),
    repository.isDirty(inputs),
    mayBeShallow(project.dir) && repository.isShallow(),
  ]);
  if (shallow) {
    io.emit({
      type: 'warn',
      label: 'this clone is shallow, so the revision label may name a commit that is too new',
      detail: 'fetch the whole history: git fetch --unshallow',
      data: { code: 'SHALLOW_CLONE' },
    });
  }
  const dist = join(realpathSync(project.dir), 'dist');
  if (dirty && (await repository.isDirty([dist]))) {
    io.emit({
      type: 'warn',
      label: `git does not ignore ${dist}, so what builds write there counts as uncommitted`,
      detail: 'add "dist/" to .gitignore',
      data: { code: 'DIST_NOT_IGNORED' },
    });
  }
  // Inputs that no commit holds yet stand on what is checked out.
  const base = commit ?? (await repository.head());
  return base === undefined ? undefined : dirty ? `${base}-dirty` : base;
}

/** Absolute paths of everything inside the repository that a manifest declares as its own. */
function declaredInputs(project: LoadedManifest, root: string): string[] {
  const dir = realpathSync(project.dir);
  const named = (project.manifest.bundle?.inputs ?? []).map((path) => resolve(dir, path));
  const outside = [...named, ...layerSources(project), ...dockerSources(project)].filter(
    (path) => !isBelow(dir, path) && isBelow(root, path),
  );
  return [...new Set([dir, ...outside])];
}

/** The Dockerfile, and where it is what the manifest builds, its context. */
function dockerSources(project: LoadedManifest): string[] {
  const { driver, dockerfile } = project.manifest.image ?? {};
  if (dockerfile === undefined) return [];
  const dir = realpathSync(project.dir);
  return [resolve(dir, dockerfile.file), ...(driver === 'docker' ? [resolve(dir, dockerfile.context)] : [])];
}

/** Absolute paths of the files and directories that layers take from the repository. */
function layerSources(project: LoadedManifest): string[] {
  const dir = realpathSync(project.dir);
  const sources = new Set<string>();
  for (const layer of project.manifest.image?.layers ?? []) {
    if (!('npm' in layer) && !('debian' in layer)) sources.add(resolve(dir, layer.from));
  }
  return [...sources];
}

function bundleOutputs(project: LoadedManifest): string[] {
  const dir = realpathSync(project.dir);
  return (project.manifest.bundle?.outputs ?? []).map((output) => resolve(dir, output));
}

function isBelow(dir: string, path: string): boolean {
  const way = relative(dir, path);
  return way !== '..' && !way.startsWith(`..${sep}`);
}
