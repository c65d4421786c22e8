import { join } from 'node:path';
import { type ObjectStore, openObjectStore } from '@baton/git';
import { type TestRepository, temporaryDirectory, temporaryRepository, writeFiles } from '@baton/testkit';
import { type LoadedCutover, loadCutover } from '../manifest/load-cutover.ts';
import type { CutoverPlan } from '../model/plan.ts';
import { planCutover } from './plan-cutover.ts';

/** What every manifest of the tests begins with. */
export const HEAD = `version: 1
name: pump
commit:
  author: { name: Zoë Quill, email: zoe@example.com }
  subject: "pump: the new one"
  body: |
    All at once.
  signoff: true
`;

/** A small repository in the state before: an old pump, and a new one nested in it. */
export const BEFORE: Record<string, string> = {
  'README.md': 'See pump/next/README.md and pump/old.\n',
  Makefile: 'build:\n\tmake -C pump/next build\n',
  'pump/Makefile': 'old:\n\ttrue\n',
  'pump/.gitignore': 'dist\n*.tmp\n',
  'pump/CHANGELOG.md': '# Changes\n',
  'pump/old/main.py': 'print("old")\n',
  'pump/old/lib/a.py': 'a = 1\n',
  'pump/vendor/six.py': 'six\n',
  'pump/next/Makefile': 'build:\n\tgo build ../../x\n',
  'pump/next/.gitignore': 'bin\n',
  'pump/next/go.mod': 'module example.com/pump\n',
  'pump/next/vendor/modules.txt': '# none\n',
  'pump/next/cmd/-dash.go': 'package main\n',
  'pump/next/cmd/ü ñ.go': 'package main // ü\r\n',
  'pump/next/.hidden/x.tmp': 'ignored but tracked\n',
};

/** The manifest for {@link BEFORE}. */
export const PATHS = `paths:
  - delete: { glob: [pump/old, pump/vendor], expect: 3, reason: it is old }
  - flatten: { dir: pump/next, into: pump, collisions: { Makefile: nested, .gitignore: merge } }
edits:
  - merge: { in: pump/.gitignore, ours: pump/.gitignore, theirs: pump/next/.gitignore, how: union-lines }
  - replace: { in: README.md, find: " and pump/old", with: "" }
  - replace: { in: README.md, find: pump/next/README.md, with: pump/README.md }
  - replace: { in: Makefile, find: pump/next, with: pump }
`;

/** A repository, its objects, and a manifest beside it. */
export interface Situation {
  repository: TestRepository;
  store: ObjectStore;
  cutover: LoadedCutover;
  plan(base?: string): Promise<CutoverPlan>;
}

/** Makes a repository with these files, and a manifest in a directory of its own. */
export async function situation(
  manifest: string = HEAD + PATHS,
  files: Record<string, string | Uint8Array> = BEFORE,
  beside: Record<string, string> = {},
): Promise<Situation> {
  const repository = await temporaryRepository();
  await repository.write(files);
  // What a tracked .gitignore would leave out is tracked all the same.
  await repository.git('add', '--all', '--force');
  await repository.commit('first');
  return await situationIn(repository, manifest, beside);
}

/** The same in a repository that is there. */
export async function situationIn(
  repository: TestRepository,
  manifest: string = HEAD + PATHS,
  beside: Record<string, string> = {},
): Promise<Situation> {
  const dir = temporaryDirectory('cutover');
  await writeFiles(dir, { 'cutover.yaml': manifest, ...beside });
  const cutover = await loadCutover(join(dir, 'cutover.yaml'));
  const store = await openObjectStore(repository.dir);
  return { repository, store, cutover, plan: (base = 'HEAD') => planCutover({ store, cutover, base }) };
}
