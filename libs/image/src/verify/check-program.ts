import type { RuntimeConfig } from '@baton/oci';
import { type Elf, elfArchitecture, runsOn } from './elf.ts';
import { findLibraries, type LibrarySearch, librarySearch } from './find-libraries.ts';
import type { ImageTree, TreeFile } from './image-tree.ts';
import { findUser, type ImageUser, named, refusalToRun } from './image-user.ts';
import type { ImageCheck } from './types.ts';

/** What starting the program of an image meets. */
export interface ProgramFindings {
  checks: ImageCheck[];
  /** What is started, and what it is started by, outermost last. */
  program: string[];
  libraries: { name: string; path: string }[];
  /** How libraries are found for whatever that program loads later, and what it has loaded by then. */
  search: LibrarySearch;
  loaded: ReadonlySet<string>;
}

/** Where engines look for a program when the image sets no PATH. */
const USUAL_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
/** As many scripts as Linux starts one by another (BINPRM). */
const MOST_SCRIPTS = 5;

/** The environment that an image sets; the last of two equal names counts. */
export function imageEnvironment(config: RuntimeConfig): Record<string, string> {
  const pairs = (config.Env ?? []).map((entry): [string, string] => {
    const at = entry.indexOf('=');
    return at < 0 ? [entry, ''] : [entry.slice(0, at), entry.slice(at + 1)];
  });
  return { PATH: USUAL_PATH, ...Object.fromEntries(pairs) };
}

/**
 * Walks the way that starting the image would take: who runs it, which file that is, whether it may be run, which
 * program a script needs, whether each is for this architecture, which loader and libraries they need.
 */
export function checkProgram(config: RuntimeConfig, architecture: string, tree: ImageTree): ProgramFindings {
  const env = imageEnvironment(config);
  const checks: ImageCheck[] = [];
  const add = (id: string, result: ImageCheck['result'], detail: string): void =>
    void checks.push({ id, result, detail });
  const findings = { checks, program: [] as string[], libraries: [] as { name: string; path: string }[] };
  const without = (): ProgramFindings => ({
    ...findings,
    search: librarySearch(tree, architecture, env, false),
    loaded: new Set(),
  });

  const user = checkUser(config, tree, add);
  const [first] = [...(config.Entrypoint ?? []), ...(config.Cmd ?? [])];
  noteForm(config, add);
  if (first === undefined) return without();
  const chain = followProgram(first, { config, env, tree, user }, add);
  findings.program = chain.files.map(({ path }) => path);
  const last = chain.files.at(-1);
  if (!chain.complete || last === undefined) return without();
  add('entrypoint', 'passed', chain.files.map(({ path }) => path).join(', started by '));
  if (user !== undefined) add('executable', 'passed', `${named(user)} may run it`);
  noteArguments(config, tree, add);

  const elf = last.facts?.kind === 'elf' ? last.facts.elf : undefined;
  if (elf === undefined) {
    add('architecture', 'failed', `expected ${last.path} to be a program (ELF) or a script (#!), found neither`);
    return without();
  }
  if (!checkArchitecture(last.path, elf, architecture, add)) return without();
  const loader = checkInterpreter(last, elf, architecture, tree, add);
  if (loader === undefined) return without();
  const search = librarySearch(tree, architecture, env, loader.musl);
  const loaded = new Set(loader.provides);
  if (elf.interpreter === undefined && elf.needed.length === 0) {
    add('libraries', 'passed', 'static: it needs none');
    return { ...findings, search, loaded };
  }
  const { found, missing } = findLibraries({ path: last.path, elf }, search, loaded);
  findings.libraries = found;
  for (const { sentence, unseen } of missing) add('libraries', unseen ? 'pending' : 'failed', sentence);
  if (missing.length === 0) add('libraries', 'passed', `${found.length} needed, all there`);
  for (const { name } of found) loaded.add(name);
  return { ...findings, search, loaded };
}

type Add = (id: string, result: ImageCheck['result'], detail: string) => void;

function checkUser(config: RuntimeConfig, tree: ImageTree, add: Add): ImageUser | undefined {
  const text = config.User ?? '';
  const { user, ...not } = findUser(text, tree);
  if (user === undefined) {
    add('user', 'pending' in not && not.pending === true ? 'pending' : 'failed', not.why ?? `no user "${text}"`);
    return undefined;
  }
  add('user', 'passed', text === '' ? 'none is set: root runs it' : `${text} is ${named(user)}`);
  return user;
}

function noteForm({ Entrypoint = [], Cmd = [] }: RuntimeConfig, add: Add): void {
  const [shell = '', flag] = Entrypoint;
  if (Entrypoint.length === 0) {
    const instead = Cmd.length === 0 ? 'and no command: it cannot be started without one' : 'only a command';
    add('entrypoint-form', 'noted', `the image has no entrypoint, ${instead}`);
  } else if (flag === '-c' && /(?:^|\/)(?:ba|da|a|z|k)?sh$/.test(shell)) {
    add('entrypoint-form', 'noted', `in shell form (${shell} -c): signals reach the shell and not the program`);
  }
}

interface World {
  config: RuntimeConfig;
  env: Readonly<Record<string, string>>;
  tree: ImageTree;
  user: ImageUser | undefined;
}

/** Follows a program through the scripts that start it by another. */
function followProgram(first: string, world: World, add: Add): { files: TreeFile[]; complete: boolean } {
  const files: TreeFile[] = [];
  let word = first;
  let from = '';
  for (let depth = 0; ; depth++) {
    if (depth > MOST_SCRIPTS) {
      add('entrypoint', 'failed', `${first}: scripts start each other more than ${MOST_SCRIPTS} times`);
      return { files, complete: false };
    }
    const { file, why } = findProgram(word, world);
    if (file === undefined) {
      add('entrypoint', 'failed', `${from}expected the program ${JSON.stringify(word)}, and ${why}`);
      return { files, complete: false };
    }
    files.push(file);
    const refusal = world.user === undefined ? undefined : refusalToRun(file, world.tree, world.user);
    if (refusal !== undefined || file.header.type !== 'file') {
      add('executable', 'failed', `${from}${refusal ?? `${file.path} is a ${file.header.type}`}`);
      return { files, complete: false };
    }
    if (file.facts?.kind !== 'script') return { files, complete: true };
    from = `${file.path} is a script (#!${file.facts.line.slice(0, 80)}): `;
    word = interpreterOf(file.facts.line);
  }
}

// "#!/usr/bin/env node" starts env, which starts node: the file that must be there in the end is node.
function interpreterOf(line: string): string {
  const [, program = '', argument = ''] = /^[ \t]*([^ \t]*)[ \t]*(.*?)[ \t]*$/s.exec(line) ?? [];
  // The kernel does not look into PATH.
  if (!/(?:^|\/)env$/.test(program)) return program === '' || program.includes('/') ? program : `./${program}`;
  const words = argument.split(/[ \t]+/).filter((word) => word !== '-S' && word !== '' && !word.includes('='));
  return words[0] ?? program;
}

function findProgram(word: string, { config, env, tree, user }: World): { file?: TreeFile; why: string } {
  if (word === '') return { why: 'its name is empty' };
  if (word.includes('/')) {
    const workdir = config.WorkingDir === undefined || config.WorkingDir === '' ? '/' : config.WorkingDir;
    const { found, why } = tree.look(word.startsWith('/') ? word : `${workdir}/${word}`);
    return found === undefined ? { why: why ?? 'it does not exist' } : { file: found, why: '' };
  }
  let refused: TreeFile | undefined;
  const directories = (env.PATH ?? USUAL_PATH).split(':');
  for (const directory of directories) {
    const { found } = tree.look(`${directory}/${word}`);
    if (found === undefined || found.header.type !== 'file') continue;
    if (user === undefined || refusalToRun(found, tree, user) === undefined) return { file: found, why: '' };
    refused ??= found;
  }
  if (refused !== undefined) return { file: refused, why: '' };
  return { why: `it is in none of the directories of PATH (${directories.join(', ')})` };
}

/** Files that the entrypoint names as arguments and that the image does not have: often the program's own main file. */
function noteArguments(config: RuntimeConfig, tree: ImageTree, add: Add): void {
  for (const word of (config.Entrypoint ?? []).slice(1)) {
    if (!/^\/[^\s:;,*?]+$/.test(word) || tree.look(word).found !== undefined) continue;
    add('entrypoint-arguments', 'noted', `the entrypoint names ${word}, which is not in the image`);
  }
}

function checkArchitecture(path: string, elf: Elf, architecture: string, add: Add): boolean {
  const runs = runsOn(elf, architecture);
  if (runs === true) add('architecture', 'passed', `${path} is for ${architecture}`);
  else if (runs === false)
    add('architecture', 'failed', `expected ${path} to be for ${architecture}, found ${elfArchitecture(elf)}`);
  else add('architecture', 'pending', `what programs for ${architecture} look like is not known here`);
  return runs !== false;
}

interface Loader {
  musl: boolean;
  /** Names that are loaded with it. */
  provides: string[];
}

function checkInterpreter(
  file: TreeFile,
  elf: Elf,
  architecture: string,
  tree: ImageTree,
  add: Add,
): Loader | undefined {
  if (elf.problem !== undefined) {
    const sentence = `${file.path} cannot be read as a program: ${elf.problem}`;
    add('interpreter', elf.unseen === true ? 'pending' : 'failed', sentence);
    return undefined;
  }
  const path = elf.interpreter;
  if (path === undefined) return { musl: false, provides: [] };
  const musl = isMusl(path);
  const { found, why } = tree.look(path);
  if (found === undefined) {
    add('interpreter', 'failed', `${file.path} wants the loader ${path}, and ${why}${otherLibrary(musl, tree)}`);
    return undefined;
  }
  const loader = found.facts?.kind === 'elf' ? found.facts.elf : undefined;
  if (loader === undefined || runsOn(loader, architecture) === false) {
    const what = loader === undefined ? 'no ELF file' : `for ${elfArchitecture(loader)}`;
    add('interpreter', 'failed', `${file.path} wants the loader ${path}, and ${found.path} is ${what}`);
    return undefined;
  }
  add('interpreter', 'passed', path === found.path ? path : `${path} (${found.path})`);
  const own = path.slice(path.lastIndexOf('/') + 1);
  return { musl, provides: loader.soname === undefined ? [own] : [own, loader.soname] };
}

function isMusl(interpreter: string): boolean {
  return /(?:^|\/)ld-musl-/.test(interpreter);
}

// The usual reason why a loader is missing, said so that nobody has to know the names of loaders.
function otherLibrary(musl: boolean, tree: ImageTree): string {
  const loaders = /\/(?:ld-musl-[^/]+\.so\.1|ld-linux[^/]*\.so\.\d|ld64\.so\.\d|ld\.so\.1)$/;
  for (const { path } of tree.files()) {
    if (!loaders.test(path) || isMusl(path) === musl) continue;
    return musl
      ? `: it was made for musl, and this image has glibc (${path})`
      : `: it was made for glibc, and this image has musl (${path})`;
  }
  return '';
}
