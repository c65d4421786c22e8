import { spawnSync } from 'node:child_process';
import { chmod, cp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { findProgram } from './find-program.ts';
import { type TestRepository, temporaryRepository } from './git-repository.ts';
import { temporaryDirectory } from './temp.ts';

/** Where the example of a repository before its cutover lies. */
export const CUTOVER_EXAMPLE = join(import.meta.dirname, '../../../examples/cutover');

/** A fresh git repository with the example in its first commit, `cutover.yaml` included: links and modes as they are. */
export async function cutoverExample(): Promise<TestRepository> {
  const repository = await temporaryRepository();
  await cp(CUTOVER_EXAMPLE, repository.dir, { recursive: true, verbatimSymlinks: true });
  // Not only what the example's own ignore files let through.
  await repository.git('add', '--all', '--force');
  await repository.git('commit', '--quiet', '--message', 'before the cutover');
  return repository;
}

/**
 * A PATH on which `go` keeps the machine's build cache also where HOME is an empty one, as it is for the commands of a cutover: without
 * it each build compiles the standard library again. The PATH as it is where there is no Go.
 */
export async function pathWithGoCache(): Promise<string> {
  const { PATH = '' } = process.env;
  const go = findProgram('go');
  if (go === undefined) return PATH;
  const cache = spawnSync(go, ['env', 'GOCACHE'], { encoding: 'utf8' }).stdout.trim();
  const dir = temporaryDirectory('go');
  const script = `#!/bin/sh\nGOCACHE='${cache}' GOTOOLCHAIN=local exec '${go}' "$@"\n`;
  await writeFile(join(dir, 'go'), script);
  await chmod(join(dir, 'go'), 0o755);
  return `${dir}:${PATH}`;
}
