import { runProcess, toolEnv } from '@baton/kernel';
import { temporaryDirectory } from '@baton/testkit';
import fc from 'fast-check';
import { hashObject } from './hash-object.ts';
import type { LeafMode, ObjectFormat, Tree, TreeNode } from './objects.ts';
import { pathText } from './path-text.ts';
import { leaf, makeTree } from './trees.ts';

/** Runs git in a directory and gives its output; throws with what git said. For tests. */
export async function gitIn(dir: string, args: readonly string[], stdin?: string | Uint8Array): Promise<Buffer> {
  const { code, stdout, stderr } = await runProcess({
    command: 'git',
    args: ['-C', dir, ...args],
    env: toolEnv({
      GIT_CONFIG_GLOBAL: '/dev/null',
      GIT_CONFIG_NOSYSTEM: '1',
      GIT_AUTHOR_NAME: 'Ada',
      GIT_AUTHOR_EMAIL: 'ada@example.com',
      GIT_COMMITTER_NAME: 'Ada',
      GIT_COMMITTER_EMAIL: 'ada@example.com',
      GIT_AUTHOR_DATE: '1000000000 +0000',
      GIT_COMMITTER_DATE: '1000000000 +0000',
    }),
    ...(stdin === undefined ? {} : { stdin: Buffer.from(stdin) }),
  });
  if (code !== 0) throw new Error(`git ${args.join(' ')}: ${stderr.toString('utf8')}`);
  return stdout;
}

/** An empty bare repository. For tests. */
export async function bareRepository(format: ObjectFormat = 'sha1'): Promise<string> {
  const dir = temporaryDirectory('objects');
  await gitIn(dir, ['init', '--quiet', '--bare', '--initial-branch=main', `--object-format=${format}`]);
  return dir;
}

/** One line of git's output. For tests. */
export async function gitLine(dir: string, args: readonly string[], stdin?: string | Uint8Array): Promise<string> {
  return (await gitIn(dir, args, stdin)).toString('utf8').trimEnd();
}

/** Names that files really have, and the ugly ones. For tests. */
export const names: fc.Arbitrary<string> = fc
  .oneof(
    {
      weight: 3,
      arbitrary: fc.constantFrom('a', 'b', 'a-b', 'a.b', 'a0', 'A', 'lib', '.git-hooks', '.gitignore', '-n'),
    },
    {
      weight: 1,
      arbitrary: fc.constantFrom('new\nline', 'tab\t"', 'ü', 'ǅ', '😀', '\uffee', ' ', '*', ':(top)', 'x'.repeat(200)),
    },
    { weight: 1, arbitrary: fc.uint8Array({ minLength: 1, maxLength: 6 }).map((bytes) => pathText(bytes)) },
  )
  .filter((name) => !/[/\0]/.test(name) && name !== '.' && name !== '..' && name.toLowerCase() !== '.git');

const MODES: readonly LeafMode[] = ['100644', '100755', '120000', '160000'];

/** Trees that were put together from blobs that say one of a few words. For tests. */
export function trees(format: ObjectFormat): fc.Arbitrary<Tree> {
  const leaves = fc
    .record({ mode: fc.constantFrom(...MODES), word: fc.constantFrom('', 'one', 'two\n') })
    .map(({ mode, word }): TreeNode => leaf(mode, blob(format, word).id));
  const { tree } = fc.letrec<{ node: TreeNode; tree: Tree }>((tie) => ({
    node: fc.oneof({ depthSize: 'small', withCrossShrink: true }, leaves, tie('tree')),
    tree: fc
      .uniqueArray(fc.tuple(names, tie('node')), { selector: ([name]) => name, minLength: 1, maxLength: 6 })
      .map((entries) => makeTree(entries)),
  }));
  return tree;
}

/** The blobs of {@link trees}. For tests. */
export function blobs(format: ObjectFormat) {
  return ['', 'one', 'two\n'].map((word) => blob(format, word));
}

function blob(format: ObjectFormat, word: string) {
  return hashObject(format, 'blob', Buffer.from(word));
}
