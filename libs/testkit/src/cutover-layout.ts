import { runProcess, succeeded, toolEnv } from '@baton/kernel';
import { addHelpers } from './cutover-layout-bots.ts';
import { addContinuousIntegration } from './cutover-layout-ci.ts';
import { addDocuments } from './cutover-layout-docs.ts';
import { type LayoutFile, type LayoutTruth, layoutBuilder } from './cutover-layout-file.ts';
import { addForms } from './cutover-layout-forms.ts';
import { choices, layoutNames } from './cutover-layout-names.ts';
import { addSources } from './cutover-layout-source.ts';
import { type TestRepository, temporaryRepository } from './git-repository.ts';

/** A repository before its cutover. */
export interface CutoverLayout {
  seed: number;
  files: ReadonlyMap<string, LayoutFile>;
  truth: LayoutTruth;
}

/**
 * Makes a large repository in which an old and a new implementation live side by side: several hundred files, hundreds of
 * them vendored, every kind of place that a cutover touches and every trap for a blind replacement. Names, tools and forms
 * depend on the seed alone.
 */
export function generateLayout(seed: number): CutoverLayout {
  const layout = layoutBuilder(layoutNames(seed));
  const random = choices(seed + 77_777);
  addSources(layout, random);
  addContinuousIntegration(layout, random);
  addHelpers(layout, random);
  addDocuments(layout);
  addForms(layout, random);
  const { names, files, mechanical, traps, human, additions, present, absent, sameBlob } = layout;
  return { seed, files, truth: { names, mechanical, traps, human, additions, result: { present, absent, sameBlob } } };
}

/** A git repository of a layout: branch `main` with one commit, and nothing checked out. */
export async function layoutRepository(layout: CutoverLayout): Promise<TestRepository> {
  const repository = await temporaryRepository();
  const stream: Buffer[] = [];
  const say = (text: string): number => stream.push(Buffer.from(text));
  say('commit refs/heads/main\ncommitter Ada <ada@example.com> 1767225600 +0000\ndata 6\nbefore\n');
  for (const [path, { bytes, mode }] of layout.files) {
    say(`M ${mode} inline ${JSON.stringify(path)}\ndata ${bytes.byteLength}\n`);
    stream.push(bytes);
    say('\n');
  }
  const env = toolEnv({ GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1' });
  const result = await runProcess({
    command: 'git',
    args: ['fast-import', '--quiet'],
    cwd: repository.dir,
    env,
    stdin: Buffer.concat(stream),
  });
  if (!succeeded(result)) throw new Error(`git fast-import: ${result.stderr.toString('utf8').trim()}`);
  return repository;
}
