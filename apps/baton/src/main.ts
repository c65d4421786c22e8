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
  const done = mayBeDone ? await (await import('./fast-path.ts')).answerIfUnchanged(argv) : undefined;
  if (done !== undefined) process.exit(done);
  keepCompiled();
  process.exit(await (await import('./cli.ts')).runCli(argv));
}

// Only where Baton has worked before: looking around with --help, doctor or a dry run leaves nothing behind.
function keepCompiled(): void {
  const cache = join(cacheDir(), 'v1');
  if (existsSync(cache)) enableCompileCache(join(cache, 'compiled'));
}

void main(process.argv.slice(2));
