import { plural } from '@baton/kernel';
import { elfArchitecture, runsOn } from './elf.ts';
import { findLibraries, type LibrarySearch } from './find-libraries.ts';
import type { ImageTree, TreeFile } from './image-tree.ts';
import type { ImageCheck } from './types.ts';

/** Which layers the agent itself brought; undefined where nobody says. */
export type OwnLayers = ReadonlySet<number> | undefined;

const MOST_NAMED = 20;

/**
 * Judges the native code of the agent's own layers: add-ons (`*.node`) must be for this architecture and find their
 * libraries, every other ELF file must be for this architecture.
 *
 * Packages often carry one add-on for each platform. So a wrong one is only noted when a right one lies at the same path
 * but for the words that name a platform (`prebuilds/linux-x64/x.node` beside `prebuilds/linux-arm64/x.node`).
 */
export function checkNative(
  tree: ImageTree,
  architecture: string,
  program: { search: LibrarySearch; loaded: ReadonlySet<string> },
  own: OwnLayers,
): ImageCheck[] {
  const judged = nativeFiles(tree, own).map((file) => ({ file, wrong: wrongWith(file, architecture, program) }));
  const right = new Set(
    judged.filter(({ wrong }) => wrong === undefined).map(({ file }) => withoutPlatform(file.path)),
  );
  const failed: string[] = [];
  const excused: string[] = [];
  const doubtful: string[] = [];
  for (const { file, wrong } of judged) {
    if (wrong === undefined) continue;
    const spare = withoutPlatform(file.path);
    if (spare.includes('*') && right.has(spare)) excused.push(file.path);
    // Other programs of layers that may be the base's are none of the agent's business.
    else if (own === undefined && !isAddOn(file)) doubtful.push(wrong);
    else failed.push(wrong);
  }
  const checks = [...some(failed, 'failed'), ...some(doubtful, 'noted')];
  if (excused.length > 0) {
    const detail = `${plural(excused.length, 'file')} for other platforms, beside those for this one: ${few(excused)}`;
    checks.push({ id: 'native', result: 'noted', detail });
  }
  const good = judged.length - failed.length - excused.length - doubtful.length;
  if (failed.length === 0 && good > 0) {
    const detail = `${plural(good, 'native file')} for ${architecture}`;
    checks.push({ id: 'native', result: runsOnUnknown(architecture, judged) ? 'pending' : 'passed', detail });
  }
  return checks;
}

function runsOnUnknown(architecture: string, judged: readonly { file: TreeFile }[]): boolean {
  return judged.some(({ file }) => file.facts?.kind === 'elf' && runsOn(file.facts.elf, architecture) === undefined);
}

function nativeFiles(tree: ImageTree, own: OwnLayers): TreeFile[] {
  const files = [...tree.files()].filter(
    ({ header, facts, layer }) =>
      header.type === 'file' &&
      (facts?.kind === 'elf' || facts?.kind === 'foreign') &&
      (own === undefined || own.has(layer)),
  );
  return files.sort((a, b) => (a.path < b.path ? -1 : 1));
}

function isAddOn({ path }: TreeFile): boolean {
  return path.endsWith('.node');
}

function wrongWith(
  file: TreeFile,
  architecture: string,
  { search, loaded }: { search: LibrarySearch; loaded: ReadonlySet<string> },
): string | undefined {
  const { facts } = file;
  if (facts?.kind === 'foreign') return `${file.path} is a ${facts.format} file, not one for Linux`;
  if (facts?.kind !== 'elf') return undefined;
  const { elf } = facts;
  if (runsOn(elf, architecture) === false) {
    return `expected ${file.path} to be for ${architecture}, found ${elfArchitecture(elf)}`;
  }
  if (!isAddOn(file)) return undefined;
  return findLibraries({ path: file.path, elf }, search, loaded).missing.find(({ unseen }) => !unseen)?.sentence;
}

const PLATFORM_WORDS =
  /(?<![A-Za-z0-9])(?:linux|linuxmusl|darwin|win32|windows|freebsd|openbsd|netbsd|android|sunos|macos|x64|x86_64|x86|amd64|ia32|i386|i686|386|arm64|aarch64|armv[678]l?|armhf|arm|ppc64le|ppc64|s390x|riscv64d?|loong64|mips\w*|musl|musleabihf|glibc|gnu|gnueabihf|eabihf|msvc)(?![A-Za-z0-9])/g;

/** A path without the words that name platforms: equal for the files of which one is taken. */
export function withoutPlatform(path: string): string {
  // Underscores join words of a name, yet stand between the parts of "linux_x64"; "x86_64" is one word.
  return path
    .replaceAll('x86_64', 'amd64')
    .replace(/_/g, '-')
    .replace(PLATFORM_WORDS, '*')
    .replace(/\*(?:[-.+]\*)+/g, '*');
}

function some(sentences: readonly string[], result: ImageCheck['result']): ImageCheck[] {
  const checks = sentences.slice(0, MOST_NAMED).map((detail): ImageCheck => ({ id: 'native', result, detail }));
  const more = sentences.length - checks.length;
  if (more > 0) checks.push({ id: 'native', result, detail: `and ${plural(more, 'file')} more` });
  return checks;
}

function few(paths: readonly string[]): string {
  return paths.length > 3 ? `${paths.slice(0, 3).join(', ')} and ${paths.length - 3} more` : paths.join(', ');
}
