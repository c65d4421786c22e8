import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runProcess, succeeded, toolEnv } from '@baton/kernel';

/** The size of a synthetic repository; the rest of the files stay where they are. */
export interface CutoverSize {
  files: number;
  /** Files below `agent/go`, which moves one level up. */
  moved: number;
  /** Files of the old implementation, which are deleted. */
  deleted: number;
}

/** 80 % move, 10 % are deleted, 10 % stay. */
export function usualSize(files: number): CutoverSize {
  return { files, moved: files * 0.8, deleted: files * 0.1 };
}

/**
 * Makes a bare repository with one commit on `main` by one `git fast-import`: an old agent (`agent/old-agent`), the new one in
 * `agent/go` with 24 top directories (two of them hidden), and components that have nothing to do with it. Every file has
 * bytes of its own: some three hundred of them, in words.
 */
export async function makeCutoverRepository(dir: string, size: CutoverSize): Promise<void> {
  await mkdir(dir, { recursive: true });
  await git(dir, ['init', '--quiet', '--bare', '--initial-branch=main']);
  const result = await runProcess({
    command: 'git',
    args: ['-C', dir, 'fast-import', '--quiet'],
    env: environment(),
    stdin: importStream(size),
  });
  if (!succeeded(result)) throw new Error(`git fast-import: ${result.stderr.toString('utf8')}`);
  // As a clone has it: one pack with deltas would take long to make, and changes nothing here.
  await git(dir, ['symbolic-ref', 'HEAD', 'refs/heads/main']);
}

/** A work tree of the repository, by an ordinary clone that shares its objects. */
export async function cloneWorkTree(bare: string, dir: string): Promise<void> {
  await git(bare, ['clone', '--quiet', '--shared', '--branch=main', bare, dir]);
  await writeFile(join(dir, '.git', 'info', 'exclude'), '');
}

async function* importStream(size: CutoverSize): AsyncGenerator<Buffer> {
  let block = 'commit refs/heads/main\ncommitter Bench <bench@example.com> 1700000000 +0000\ndata 5\nfirst\n';
  for (const [path, text] of files(size)) {
    block += `M 100644 inline ${path}\ndata ${Buffer.byteLength(text)}\n${text}\n`;
    if (block.length < 1 << 20) continue;
    yield Buffer.from(block, 'utf8');
    block = '';
  }
  yield Buffer.from(block, 'utf8');
}

/** Every file with its text. */
function* files(size: CutoverSize): Generator<[path: string, text: string]> {
  const fixed = Object.entries(FIXED);
  yield* fixed;
  for (let n = 0; n < size.moved; n += 1) {
    const top = n % 24;
    const name = top < 2 ? `.hidden${top}` : `pkg${top}`;
    const below = Math.floor(n / 24);
    yield [`agent/go/${name}/d${Math.floor(below / 40)}/file${below}.go`, textOf(n)];
  }
  for (let n = 0; n < size.deleted; n += 1) yield [`agent/old-agent/m${Math.floor(n / 50)}/mod${n}.py`, textOf(-n - 1)];
  const rest = size.files - size.moved - size.deleted - fixed.length;
  for (let n = 0; n < rest; n += 1) yield [`component${n % 7}/s${Math.floor(n / 300)}/unit${n}.go`, textOf(n + 1e9)];
}

/** The few files that a cutover edits or replaces. */
const FIXED: Readonly<Record<string, string>> = {
  'agent/Makefile': 'build:\n\thatch build\n\ntest:\n\tpytest\n',
  'agent/go/Makefile': 'build:\n\tgo build ./...\n\ntest:\n\tgo test ./...\n',
  'agent/hatch.toml': '[envs.default]\n',
  'agent/go/go.mod': 'module example.com/acme/agent\n\ngo 1.24\n',
  'containers/agent.Dockerfile': 'FROM python:3.12\nCOPY . /code\n',
  'containers/agent-go.Dockerfile': 'FROM golang:1.24\nCOPY agent/go/ ./\n',
  '.github/workflows/agent-ci.yaml': 'on:\n  push:\n    paths:\n      - agent/**\n      - "!agent/go/**"\n',
  '.github/dependabot.yml': 'version: 2\nupdates:\n  - package-ecosystem: gomod\n    directory: /agent/go\n',
  'README.md': '# Fleet\n\nThe agent lives in [agent/go](agent/go/Makefile).\n',
};

const WORDS = ['config', 'handler', 'returns', 'interrupt', 'package', 'node', 'state', 'apply', 'writer', 'python3x'];

function textOf(seed: number): string {
  let text = `// unit ${seed}\n`;
  let draw = Math.imul(seed | 0, 2_654_435_761) >>> 0;
  while (text.length < 300) {
    draw = (Math.imul(draw, 1_664_525) + 1_013_904_223) >>> 0;
    text += `${WORDS[(draw >>> 24) % WORDS.length]}${draw % 97}${draw % 5 === 0 ? '\n' : ' '}`;
  }
  return `${text}\n`;
}

/** Runs git in a repository of the bench. */
export async function git(dir: string, args: readonly string[]): Promise<void> {
  const result = await runProcess({ command: 'git', args: ['-C', dir, ...args], env: environment() });
  if (!succeeded(result)) throw new Error(`git ${args.join(' ')}: ${result.stderr.toString('utf8')}`);
}

function environment(): NodeJS.ProcessEnv {
  return toolEnv({ GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1' });
}
