import { cp, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';
import { type Command, measure } from '../measure.ts';
import { cloneWorkTree, git } from './repository.ts';

/** Bundles `plan-run.ts` as the command is bundled, and returns the file. */
export async function bundledRun(dir: string): Promise<string> {
  const outfile = join(dir, 'plan-run.mjs');
  await build({
    entryPoints: [join(import.meta.dirname, 'plan-run.ts')],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    logLevel: 'error',
    // Some packages of ours are CommonJS and ask for parts of Node.
    banner: { js: "import { createRequire as r } from 'node:module'; const require = r(import.meta.url);" },
  });
  return outfile;
}

/** One step of ours; it gets a fresh repository that borrows its objects. */
export function ownStep(script: string, step: string, repository: string, manifest: string): Command {
  return { argv: [process.execPath, script, step, repository, manifest], cwd: repository, env: environment() };
}

/** A bare repository with nothing of its own: what a step writes is gone with it. */
export async function freshClone(bare: string, dir: string): Promise<string> {
  await rm(dir, { recursive: true, force: true });
  await git(bare, ['clone', '--quiet', '--bare', '--shared', bare, dir]);
  return dir;
}

/** The manifest of the same cutover that {@link gitMove} does by hand. */
export async function writeManifest(path: string): Promise<string> {
  await writeFile(path, MANIFEST);
  return path;
}

const MANIFEST = `version: 1
name: bench
paths:
  - delete: { glob: [agent/old-agent/**, agent/hatch.toml, agent/Makefile], expect: any }
  - flatten: { dir: agent/go, into: agent }
  - move: { from: containers/agent-go.Dockerfile, to: containers/agent.Dockerfile, onto: replace }
edits:
  - replace: { in: containers/agent.Dockerfile, find: agent/go/, with: agent/ }
  - replace: { in: README.md, find: agent/go, with: agent, count: 2 }
  - replace: { in: .github/dependabot.yml, find: /agent/go, with: /agent }
commit:
  author: { name: Bench, email: bench@example.com }
  subject: "agent: cut over"
`;

/** A checkout in which people's way is measured; each round begins with what the round before left, put back. */
export interface MovedCheckout {
  command: Command;
  /** Puts everything back, without giving files new times: git would read them all again. */
  reset(): Promise<void>;
}

/** `git rm`, `git mv` of whole directories, `sed`, `git commit`: what people type when they know what they do. */
export async function gitMove(bare: string, dir: string): Promise<MovedCheckout> {
  await cloneWorkTree(bare, dir);
  await git(dir, ['update-index', '--refresh']);
  await mkdir(`${dir}-saved`, { recursive: true });
  await cp(join(dir, '.git', 'index'), join(`${dir}-saved`, 'index'));
  const script = join(`${dir}-saved`, 'move.sh');
  const back = join(`${dir}-saved`, 'back.sh');
  await writeFile(script, MOVE);
  await writeFile(back, BACK);
  const command = { argv: ['bash', script], cwd: dir, env: environment() };
  return {
    command,
    async reset() {
      await measure({ argv: ['bash', back, join(`${dir}-saved`, 'index')], cwd: dir, env: environment() });
    },
  };
}

const MOVE = `set -e
git rm -r -q agent/old-agent agent/hatch.toml agent/Makefile
git mv agent/go/.hidden* agent/go/* agent/
git mv -f containers/agent-go.Dockerfile containers/agent.Dockerfile
sed -i s,agent/go/,agent/, containers/agent.Dockerfile
sed -i s,agent/go,agent,g README.md .github/dependabot.yml
git add containers README.md .github
git commit -q -m 'agent: cut over'
`;

// Directories and files by renaming, as they came; only what was deleted or edited is written again.
const BACK = `set -e
mkdir -p agent/go
for entry in agent/.hidden* agent/*; do test "$entry" = agent/go || mv "$entry" agent/go/; done
git update-ref refs/heads/main refs/remotes/origin/main
cp "$1" .git/index
git ls-files --deleted -z | git checkout-index -q -f -u -z --stdin
git checkout-index -q -f -u containers/agent.Dockerfile README.md .github/dependabot.yml
rm -rf .git/objects/?? .git/ORIG_HEAD
test -z "$(git status --porcelain | head -3)"
`;

function environment(): NodeJS.ProcessEnv {
  const who = { NAME: 'Bench', EMAIL: 'bench@example.com', DATE: '1700000001 +0000' };
  const names = Object.entries(who).flatMap(([key, value]) => [
    [`GIT_AUTHOR_${key}`, value],
    [`GIT_COMMITTER_${key}`, value],
  ]);
  return {
    PATH: process.env.PATH,
    LC_ALL: 'C',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_CONFIG_NOSYSTEM: '1',
    ...Object.fromEntries(names),
  };
}
