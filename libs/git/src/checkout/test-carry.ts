import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { type TestRepository, temporaryDirectory, temporaryRepository } from '@baton/testkit';
import type { CarryInput } from './carry.ts';

/** A checkout at one commit, and another commit to carry it to. */
export interface CarryCase extends TestRepository {
  from: string;
  to: string;
  /** The input of a carry that moves the branch as well. */
  input(renames?: Record<string, string>): CarryInput;
}

/** What most cases begin with: a nested directory that is to be flattened, old files beside it, ugly names. */
export const LAYOUT: Record<string, string> = {
  '.gitignore': '*.tmp\n/agent/go/bin/\n',
  'README.md': 'agent/go\n',
  'agent/Makefile': 'old\n',
  'agent/old/main.py': 'print()\n',
  'agent/old/deep/x.py': 'x\n',
  'agent/vendor/a': 'old a\n',
  'agent/vendor/b': 'old b\n',
  'agent/go/Makefile': 'new\n',
  'agent/go/go.mod': 'module x\n',
  'agent/go/go/inner.go': 'package go\n',
  'agent/go/cmd/main.go': 'package main\n',
  'agent/go/cmd/-dash': 'dash\n',
  'agent/go/cmd/with space\nnewline': 'odd\n',
  'agent/go/cmd/ünï': 'unicode\n',
  'agent/go/.hidden/.gitkeep': '',
  'agent/go/vendor/a': 'new a\n',
  'agent/go/vendor/c': 'new c\n',
};

/** What a flatten of {@link LAYOUT} renames. */
export const FLATTEN: Record<string, string> = {
  'agent/go/cmd': 'agent/cmd',
  'agent/go/.hidden': 'agent/.hidden',
  'agent/go/vendor': 'agent/vendor',
  'agent/go/go': 'agent/go',
  'agent/go/go.mod': 'agent/go.mod',
  'agent/go/Makefile': 'agent/Makefile',
};

/** The shell of a flatten of {@link LAYOUT}, with one edit. */
export const FLATTEN_COMMANDS = [
  'git rm -rq agent/old agent/vendor agent/Makefile',
  'mv agent/go x && mv x/* x/.hidden agent/ && rmdir x',
  'echo agent > README.md',
].join(' && ');

/**
 * Makes a repository with files, and in a clone of it a second commit by shell commands, which is then fetched.
 *
 * @param prepare changes the first repository before its commit is cloned
 */
export async function carryCase(
  files: Record<string, string | Uint8Array>,
  commands: string,
  prepare?: (made: TestRepository) => Promise<void>,
): Promise<CarryCase> {
  const made = await temporaryRepository(files);
  await prepare?.(made);
  const from = await made.git('rev-parse', 'HEAD');
  const other = join(temporaryDirectory('carry'), 'other');
  await made.git('clone', '--quiet', '--no-local', made.dir, other);
  await made.git('-C', other, '-c', `alias.do=!${commands}`, 'do');
  await made.git('-C', other, 'add', '--all', '--force');
  await made.git('-C', other, 'commit', '--quiet', '--message', 'second');
  await made.git('fetch', '--quiet', '--no-write-fetch-head', other, 'HEAD');
  const to = await made.git('-C', other, 'rev-parse', 'HEAD');
  const input = (renames: Record<string, string> = {}): CarryInput => ({
    dir: made.dir,
    from,
    to,
    renames: Object.entries(renames).map(([a, b]) => ({ from: a, to: b })),
    branch: 'refs/heads/main',
    moveRef: async () => void (await made.git('update-ref', 'refs/heads/main', to, from)),
  });
  return { ...made, from, to, input };
}

/** What is wrong with a checkout that should be clean at a commit; each a line, none when all is well. */
export async function faults(made: TestRepository, commit: string): Promise<string[]> {
  const wrong: string[] = [];
  const gitDir = await made.git('rev-parse', '--path-format=absolute', '--git-dir');
  const status = await made.git('status', '--porcelain', '--untracked-files=no');
  if (status !== '') wrong.push(`not clean: ${status}`);
  const head = await made.git('rev-parse', 'HEAD');
  if (head !== commit) wrong.push(`HEAD is at ${head}`);
  const index = lines(await made.git('ls-files', '--stage', '-z')).replace(/^(\d+ \w+) 0\t/gm, '$1 ');
  const tree = lines(await made.git('ls-tree', '-r', '-z', commit)).replace(/^(\d+) \w+ (\w+)\t/gm, '$1 $2 ');
  if (index !== tree) wrong.push(`the index differs from the commit:\n${index}\n--\n${tree}`);
  if (existsSync(join(gitDir, 'index.lock'))) wrong.push('index.lock is left');
  for (const name of [...readdirSync(gitDir), ...readdirSync(made.dir)]) {
    if (/carry|\.tmp$/.test(name)) wrong.push(`${name} is left`);
  }
  return wrong;
}

function lines(text: string): string {
  return text.replaceAll('\n', '?').replaceAll('\0', '\n');
}
