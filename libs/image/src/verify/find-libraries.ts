import { type Elf, elfArchitecture, runsOn } from './elf.ts';
import type { ImageTree, TreeFile } from './image-tree.ts';

/** A program or library as the dynamic loader has it before it. */
export interface LoadedObject {
  /** The name under which it was found: `$ORIGIN` is its directory. */
  path: string;
  elf: Elf;
  /** Who needed it; undefined for what was started. */
  by?: LoadedObject | undefined;
}

/** What starting a program loads, and what it would not find. */
export interface Libraries {
  found: { name: string; path: string }[];
  missing: Missing[];
}

/** A library that would not be found, or that could not be read here (`unseen`). */
export interface Missing {
  /** 'x.so needs y.so: it is in none of ...'. */
  sentence: string;
  name: string;
  unseen: boolean;
}

/** Where and for what libraries are looked for. */
export interface LibrarySearch {
  tree: ImageTree;
  architecture: string;
  /** `LD_LIBRARY_PATH` of the image. */
  libraryPath: string[];
  /** Whether musl's loader does it; else it is taken for glibc's. */
  musl: boolean;
  /** The directories that settings and the loader itself name. */
  settled: string[];
}

/** Prepares the search for one kind of loader in an image. */
export function librarySearch(
  tree: ImageTree,
  architecture: string,
  env: Readonly<Record<string, string>>,
  musl: boolean,
): LibrarySearch {
  const libraryPath = (env.LD_LIBRARY_PATH ?? '').split(/[:;]/).filter((dir) => dir.startsWith('/'));
  const settled = musl ? muslDirectories(tree) : glibcDirectories(tree, architecture);
  return { tree, architecture, libraryPath, musl, settled };
}

const MOST_OBJECTS = 4096;

/**
 * Finds the libraries that an ELF file needs, and theirs, as the dynamic loader does (ld.so(8); musl: its path file):
 * DT_RPATH (of everyone up to the program, where there is no DT_RUNPATH), LD_LIBRARY_PATH, DT_RUNPATH, the directories of
 * /etc/ld.so.conf, the default ones. Libraries for other architectures are passed over, as the loader does.
 *
 * @param loaded names that are there already: what the interpreter provides, what the program has loaded
 */
export function findLibraries(start: LoadedObject, search: LibrarySearch, loaded: ReadonlySet<string>): Libraries {
  const known = new Set(loaded);
  const queue = [start];
  const result: Libraries = { found: [], missing: [] };
  for (let object = queue.shift(); object !== undefined; object = queue.shift()) {
    const { problem, unseen } = object.elf;
    if (problem !== undefined) {
      const sentence = `${object.path} cannot be read: ${problem}`;
      result.missing.push({ name: object.path, sentence, unseen: unseen === true });
      continue;
    }
    for (const name of object.elf.needed) {
      if (known.has(name) || (search.musl && MUSL_OWN.test(name))) continue;
      known.add(name);
      const { path, elf, why } = findOne(name, object, search);
      if (elf === undefined || path === undefined) {
        const sentence = `${object.path} needs ${name}: ${why ?? 'it is nowhere'}${mismatch(name, search.musl)}`;
        result.missing.push({ name, sentence, unseen: false });
        continue;
      }
      if (elf.soname !== undefined) known.add(elf.soname);
      result.found.push({ name, path });
      if (result.found.length <= MOST_OBJECTS) queue.push({ path, elf, by: object });
    }
  }
  return result;
}

// musl's loader is its C library: these names mean itself (ldso/dynlink.c, "reserved"), glibc's "libc.so.6" as well.
const MUSL_OWN = /^lib(?:c|pthread|rt|m|dl|util|xnet)\./;

// The usual reason for a missing C library, said so that nobody has to know their names.
function mismatch(name: string, musl: boolean): string {
  if (!musl && /^libc\.musl-|^ld-musl-/.test(name)) return '; it was made for musl, and the program runs with glibc';
  if (musl && /^ld-linux/.test(name)) return '; it was made for glibc, and the program runs with musl';
  return '';
}

type Found = { path?: string; elf?: Elf; why?: string };

function findOne(name: string, object: LoadedObject, search: LibrarySearch): Found {
  if (name.includes('/')) return { why: `${name} does not exist`, ...judge(name, search) };
  const { settled } = search;
  const own = object.elf.runpath;
  const inherited: string[] = [];
  if (own.length === 0 || search.musl) {
    for (let at: LoadedObject | undefined = object; at !== undefined; at = at.by) {
      const { rpath, runpath } = at.elf;
      // musl takes both for the same; glibc does not look at the path of one that has the newer kind.
      if (search.musl) inherited.push(...[...runpath, ...rpath].flatMap((dir) => expand(dir, at, search)));
      else if (runpath.length === 0) inherited.push(...rpath.flatMap((dir) => expand(dir, at, search)));
    }
  }
  const directories = search.musl
    ? [...search.libraryPath, ...inherited, ...settled]
    : [...inherited, ...search.libraryPath, ...own.flatMap((dir) => expand(dir, object, search)), ...settled];
  const refused: string[] = [];
  for (const directory of new Set(directories)) {
    const judged = judge(`${directory}/${name}`, search);
    if (judged.elf !== undefined) return judged;
    if (judged.why !== undefined) refused.push(judged.why);
  }
  return { why: refused[0] ?? `it is in none of ${list(directories)}` };
}

/** What lies at a path is taken when it is a library for this architecture; a reason only where there is something. */
function judge(path: string, search: LibrarySearch): Found {
  const { found } = search.tree.look(path);
  if (found === undefined) return {};
  if (found.facts?.kind !== 'elf') return { why: `${found.path} is no ELF file` };
  const { elf } = found.facts;
  if (runsOn(elf, search.architecture) === false) return { why: `${found.path} is for ${elfArchitecture(elf)}` };
  return { path, elf };
}

function expand(directory: string, object: LoadedObject, search: LibrarySearch): string[] {
  const origin = object.path.slice(0, object.path.lastIndexOf('/')) || '/';
  const filled = directory
    .replace(/\$(?:ORIGIN\b|\{ORIGIN\})/g, () => origin)
    .replace(/\$(?:PLATFORM\b|\{PLATFORM\})/g, () => PLATFORM_WORDS[search.architecture] ?? search.architecture);
  // What $LIB stands for was decided when the loader was compiled.
  const filling = (lib: string): string => filled.replace(/\$(?:LIB\b|\{LIB\})/g, () => lib);
  const all =
    filled === filling('') ? [filled] : ['lib', 'lib64', `lib/${tripletOf(search.architecture)}`].map(filling);
  return all.filter((dir) => dir.startsWith('/'));
}

const PLATFORM_WORDS: Readonly<Record<string, string>> = {
  amd64: 'x86_64',
  arm64: 'aarch64',
  '386': 'i686',
  arm: 'v7l',
};

const TRIPLETS: Readonly<Record<string, string>> = {
  amd64: 'x86_64-linux-gnu',
  arm64: 'aarch64-linux-gnu',
  arm: 'arm-linux-gnueabihf',
  '386': 'i386-linux-gnu',
  riscv64: 'riscv64-linux-gnu',
  ppc64le: 'powerpc64le-linux-gnu',
  s390x: 's390x-linux-gnu',
  loong64: 'loongarch64-linux-gnu',
  mips64le: 'mips64el-linux-gnuabi64',
};

function tripletOf(architecture: string): string {
  return TRIPLETS[architecture] ?? architecture;
}

function glibcDirectories(tree: ImageTree, architecture: string): string[] {
  const triplet = tripletOf(architecture);
  const usual = [`/lib/${triplet}`, `/usr/lib/${triplet}`, '/lib64', '/usr/lib64', '/lib', '/usr/lib'];
  return [...confDirectories(tree, '/etc/ld.so.conf', 0), ...usual];
}

function muslDirectories(tree: ImageTree): string[] {
  for (const file of childrenOf(tree, '/etc')) {
    if (!/^\/etc\/ld-musl-[^/]+\.path$/.test(file.path) || file.facts?.kind !== 'text') continue;
    return file.facts.text.split(/[\n:]/).filter((dir) => dir.startsWith('/'));
  }
  return ['/lib', '/usr/local/lib', '/usr/lib'];
}

/** What /etc/ld.so.conf lists; the cache that ldconfig makes of it is not read. */
function confDirectories(tree: ImageTree, path: string, depth: number): string[] {
  const { found } = tree.look(path);
  if (found?.facts?.kind !== 'text' || depth > 4) return [];
  return found.facts.text.split('\n').flatMap((line) => {
    const words = line.replace(/#.*/, '').trim();
    const [, pattern] = /^include\s+(.+)$/.exec(words) ?? [];
    if (pattern === undefined) return words.split(/[\s:,]+/).filter((dir) => dir.startsWith('/'));
    const full = pattern.startsWith('/') ? pattern : `${path.slice(0, path.lastIndexOf('/'))}/${pattern}`;
    return matching(tree, full).flatMap((file) => confDirectories(tree, file, depth + 1));
  });
}

// A star in the last part is all that such files use.
function matching(tree: ImageTree, pattern: string): string[] {
  const directory = pattern.slice(0, pattern.lastIndexOf('/'));
  const [before = '', after] = pattern.slice(directory.length + 1).split('*');
  if (after === undefined) return [pattern];
  return childrenOf(tree, directory)
    .map(({ path }) => path)
    .filter((path) => {
      const name = path.slice(path.lastIndexOf('/') + 1);
      return name.startsWith(before) && name.endsWith(after) && name.length >= before.length + after.length;
    });
}

function childrenOf(tree: ImageTree, path: string): TreeFile[] {
  const { found } = tree.look(path);
  if (found === undefined) return [];
  const prefix = found.path === '/' ? '/' : `${found.path}/`;
  return [...tree.files()].filter(
    (file) => file.path.startsWith(prefix) && !file.path.slice(prefix.length).includes('/'),
  );
}

function list(directories: readonly string[]): string {
  const all = [...new Set(directories)];
  return all.length > 8 ? `${all.slice(0, 8).join(', ')} and ${all.length - 8} more` : all.join(', ');
}
