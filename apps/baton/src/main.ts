#!/usr/bin/env node
import './node-version.ts';
import { existsSync } from 'node:fs';
import { enableCompileCache } from 'node:module';
import { join } from 'node:path';
import { cacheDir } from '@baton/kernel';

// Everything else is loaded when it is known to be needed: a build or publish that finds nothing to do reads no YAML,
// builds no schema and parses no options in full.
async function main(argv: readonly string[]): Promise<void> {
  const mayBeDone = argv.includes('image') && (argv.includes('publish') || argv.includes('build'));
  const fast = mayBeDone ? await import('./fast-path.ts') : undefined;
  const call = fast?.readFastCall(argv);
  const done = call === undefined ? undefined : await fast?.answerIfUnchanged(call);
  if (done !== undefined) process.exit(done);
  keepCompiled();
  const project = call === undefined ? undefined : fast?.knownProject(call);
  const known = call !== undefined && project !== undefined;
  const code = known
    ? (await import('./known-run.ts')).runKnown(call, project)
    : (await import('./cli.ts')).runCli(argv);
  process.exit(await code);
}

// Only where Baton has worked before: looking around with --help, doctor or a dry run leaves nothing behind.
function keepCompiled(): void {
  const cache = join(cacheDir(), 'v1');
  if (existsSync(cache)) enableCompileCache(join(cache, 'compiled'));
}

void main(process.argv.slice(2));
