import { type FileReferences, joinBase, nothingCollected, type PathReference } from './reference.ts';
import { dockerBuild } from './shell-docker.ts';
import { type ShellWord, shellParts } from './shell-words.ts';

/** Where a script begins. */
export interface ScriptPlace {
  /** As in {@link PathReference}; undefined when it is not known. */
  bases: readonly string[] | undefined;
  /** Added to the script's own lines; 0 for a script that is a whole file. */
  linesBefore: number;
}

type Bases = readonly string[] | undefined;

// In front of the command itself.
const PREFIXES = new Set([
  'sudo',
  'env',
  'time',
  'exec',
  'command',
  'nohup',
  'if',
  'then',
  'else',
  'elif',
  'do',
  'while',
  '!',
  '{',
]);
const WITH_C = new Set(['make', 'gmake', 'git', 'go', 'cargo', 'ninja', 'pnpm', 'npm', 'yarn']);
const WITH_F = new Set(['make', 'gmake', 'docker', 'docker-compose', 'podman', 'kubectl', 'helm']);
const DIRECTORY_FLAGS = ['-C', '--directory', '--prefix', '--cwd'];
const FILE_FLAGS = ['-f', '--file', '--makefile', '--filename'];

/** Directories and files that a shell script changes to, hands to a tool or starts: `cd`, `-C`, `-f`, `docker build`, `./script`. */
export function shellReferences(script: string, place: ScriptPlace): FileReferences {
  const found = nothingCollected();
  let bases: Bases = place.bases;
  const outer: Bases[] = [];
  const pushed: Bases[] = [];
  const refer = (what: string, word: ShellWord, from: Bases, more: Partial<PathReference> = {}): void => {
    if (from === undefined || !isKnown(word)) return;
    const line = word.line + place.linesBefore;
    found.references.push({ line, text: word.text, what, target: word.text, bases: from, soft: true, ...more });
  };
  for (const part of shellParts(script)) {
    if (part.kind === 'open') outer.push(bases);
    else if (part.kind === 'close') bases = outer.length > 0 ? outer.pop() : bases;
    else {
      const [command, ...args] = commandOf(part.words);
      if (command === undefined || command.dynamic) continue;
      const name = command.text.split('/').at(-1) ?? '';
      if (name === 'popd') bases = pushed.pop();
      else if (name === 'cd' || name === 'pushd') {
        if (name === 'pushd') pushed.push(bases);
        const to = args.find(({ text }) => text === '-' || !text.startsWith('-'));
        if (to !== undefined) refer('cd', to, bases, { kind: 'directory' });
        bases = to === undefined ? undefined : moved(bases, to);
        continue;
      }
      if (/^\.{1,2}\//.test(command.text)) refer('command', command, bases);
      const directory = WITH_C.has(name) ? flagValue(args, DIRECTORY_FLAGS) : undefined;
      if (directory !== undefined) refer('-C', directory, bases, { kind: 'directory' });
      const inside = directory === undefined ? bases : moved(bases, directory);
      if (WITH_F.has(name)) for (const file of flagValues(args, FILE_FLAGS)) refer('-f', file, inside);
      if (name === 'make' || name === 'gmake') {
        const targets = makeTargets(args);
        const to = directory?.text ?? '.';
        const here = directory === undefined || isKnown(directory) ? bases : undefined;
        if (here !== undefined) {
          found.makes.push({ line: command.line + place.linesBefore, directory: to, targets, bases: here });
        }
      }
      const build = dockerBuild(name, args);
      if (build !== undefined) {
        refer('build context', build.context, bases, { kind: 'directory' });
        const file = build.file?.text ?? `${build.context.text}/Dockerfile`;
        if (bases !== undefined && isKnown(build.context) && (build.file === undefined || isKnown(build.file))) {
          found.builds.push({ file, context: build.context.text, bases });
        }
      }
    }
  }
  return found;
}

/** Whether a word says a relative path that does not depend on anything else. */
function isKnown({ text, dynamic }: ShellWord): boolean {
  return !dynamic && text !== '' && text !== '-' && !/^[/~]|:\/\/|[*?[{]/.test(text);
}

function moved(bases: Bases, word: ShellWord): Bases {
  if (bases === undefined || !isKnown(word)) return undefined;
  return bases.flatMap((base) => joinBase(base, word.text) ?? []);
}

function commandOf(words: readonly ShellWord[]): readonly ShellWord[] {
  const first = words.findIndex(({ text }) => !PREFIXES.has(text) && !/^[A-Za-z_][A-Za-z0-9_]*=/.test(text));
  return first === -1 ? [] : words.slice(first);
}

function flagValue(args: readonly ShellWord[], flags: readonly string[]): ShellWord | undefined {
  return flagValues(args, flags)[0];
}

// Flags of make that take the next word.
const MAKE_VALUES = new Set([...DIRECTORY_FLAGS, ...FILE_FLAGS, '-I', '-o', '-W', '-j', '-l']);

function makeTargets(args: readonly ShellWord[]): string[] {
  const targets: string[] = [];
  for (let at = 0; at < args.length; at += 1) {
    const { text = '', dynamic = false } = args[at] ?? {};
    if (MAKE_VALUES.has(text)) at += text === '-j' && !/^[0-9]+$/.test(args[at + 1]?.text ?? '') ? 0 : 1;
    else if (!dynamic && !/^-|=|^[0-9]*[<>]/.test(text)) targets.push(text);
  }
  return targets;
}

/** The values of a flag: `-f x`, `--file x`, `--file=x`. */
function flagValues(args: readonly ShellWord[], flags: readonly string[]): ShellWord[] {
  const values: ShellWord[] = [];
  for (const [index, word] of args.entries()) {
    const next = args[index + 1];
    if (flags.includes(word.text)) {
      if (next !== undefined) values.push(next);
      continue;
    }
    const flag = flags.find((name) => name.startsWith('--') && word.text.startsWith(`${name}=`));
    if (flag !== undefined) values.push({ ...word, text: word.text.slice(flag.length + 1) });
  }
  return values;
}
