import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryDirectory } from '@baton/testkit';

/** A machine for tests of doctor: just these programs (scripts that print a line) on its PATH, and a home of its own. */
export function testMachine(programs: Record<string, string> = {}) {
  const home = temporaryDirectory('doctor');
  const bin = join(home, 'bin');
  const cwd = join(home, 'project');
  mkdirSync(bin);
  mkdirSync(cwd);
  for (const [name, output] of Object.entries(programs)) {
    writeFileSync(join(bin, name), `#!/bin/sh\necho "${output}"\n`);
    chmodSync(join(bin, name), 0o755);
  }
  const socket = join(home, 'engine.sock');
  const cacheDir = join(home, 'cache');
  const env = { PATH: bin, HOME: home, BATON_CACHE_DIR: cacheDir, DOCKER_HOST: `unix://${socket}` };
  return { home, bin, cwd, socket, env, io: { env, cacheDir, signal: new AbortController().signal } };
}
