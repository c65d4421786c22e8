import type { ShellWord } from './shell-words.ts';

// Flags of `docker build` and `docker buildx build` that stand alone; every other one takes the next word as its value.
const ALONE = new Set([
  '--check',
  '--compress',
  '--disable-content-trust',
  '--force-rm',
  '--load',
  '--no-cache',
  '--pull',
  '--push',
  '--quiet',
  '--rm',
  '--squash',
  '-q',
  '-D',
  '--debug',
]);

/** The Dockerfile and the context of a `docker build`, `docker buildx build`, `podman build` or `buildah build`. */
export function dockerBuild(
  program: string,
  args: readonly ShellWord[],
): { file: ShellWord | undefined; context: ShellWord } | undefined {
  if (!['docker', 'podman', 'nerdctl', 'buildah'].includes(program)) return undefined;
  const start = args.findIndex(({ text }) => text === 'build' || text === 'bud');
  const before = args.slice(0, Math.max(start, 0)).map(({ text }) => text);
  if (start === -1 || before.some((word) => !word.startsWith('-') && !['buildx', 'image', 'builder'].includes(word)))
    return undefined;
  let file: ShellWord | undefined;
  let context: ShellWord | undefined;
  for (let at = start + 1; at < args.length; at += 1) {
    const word = args[at];
    if (word === undefined) break;
    if (word.text.startsWith('--file=')) file = { ...word, text: word.text.slice('--file='.length) };
    else if (word.text === '-f' || word.text === '--file') {
      file = args[at + 1];
      at += 1;
    } else if (word.text.startsWith('-') && word.text !== '-') {
      if (!word.text.includes('=') && !ALONE.has(word.text)) at += 1;
    } else if (word.dynamic && /^\$[({][A-Z_]*(ARGS|FLAGS|OPTS|OPTIONS)[)}]$/.test(word.text)) continue;
    else context ??= word;
  }
  return context === undefined ? undefined : { file, context };
}
