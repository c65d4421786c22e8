/** A place in a file that names something of the repository. It depends on the file's bytes and kind alone, not on where it lies. */
export interface PathReference {
  /** 1-based. */
  line: number;
  /** As written. */
  text: string;
  /** What it is, for people: `paths filter`, `COPY source`, `link`. */
  what: string;
  /** What is looked up: the text without `!`, quotes, anchor or percent-encoding. */
  target: string;
  /**
   * Where it may be resolved, the first that has it wins: `/` and `/dir` from the root, `.` and `./dir` from the file's directory,
   * `context` in the build contexts of the Dockerfile, `self` the file itself.
   */
  bases: readonly string[];
  /** `*`, `?`, `[` and `{` mean something. */
  glob?: true;
  /** Must be a directory, a submodule, or whatever there is. */
  kind?: 'directory' | 'submodule';
  /** Of a heading in the file that it names. */
  anchor?: string;
  /** It may name something that only exists while the program runs: only what was there before can be missed. */
  soft?: true;
}

/** A `docker build` in a script, Makefile or workflow. Paths are as in {@link PathReference}. */
export interface DockerBuild {
  file: string;
  context: string;
  bases: readonly string[];
}

/** A call of make in a script, Makefile or workflow. */
export interface MakeUse {
  line: number;
  /** Where it runs, relative to the bases. */
  directory: string;
  /** Empty for the first target of the Makefile. */
  targets: readonly string[];
  bases: readonly string[];
}

/** What one file says of others. */
export interface FileReferences {
  references: readonly PathReference[];
  builds: readonly DockerBuild[];
  makes: readonly MakeUse[];
}

/** {@link FileReferences} that are being collected. */
export interface Collected extends FileReferences {
  references: PathReference[];
  builds: DockerBuild[];
  makes: MakeUse[];
}

/** Nothing yet. */
export function nothingCollected(): Collected {
  return { references: [], builds: [], makes: [] };
}

/** Adds what another part of the file says. */
export function collect(into: Collected, more: FileReferences): void {
  for (const one of more.references) into.references.push(one);
  for (const one of more.builds) into.builds.push(one);
  for (const one of more.makes) into.makes.push(one);
}

/** Adds a relative path to a base; undefined where it cannot be known: absolute, of a home directory, with variables. */
export function joinBase(base: string, path: string): string | undefined {
  if (path.startsWith('/') || path.startsWith('~') || /[$`]/.test(path) || base === 'context') return undefined;
  return path === '' || path === '.' ? base : `${base === '/' ? '' : base}/${path}`;
}

/** A base as a path from the root of the repository; undefined when it leads out of it. */
export function resolveBase(base: string, file: string, target: string): string | undefined {
  if (base === 'self') return file;
  const parts = base.startsWith('/') ? [] : file.split('/').slice(0, -1);
  for (const part of `${base}/${target}`.split('/')) {
    if (part === '' || part === '.') continue;
    if (part !== '..') parts.push(part);
    else if (parts.pop() === undefined) return undefined;
  }
  return parts.join('/');
}
