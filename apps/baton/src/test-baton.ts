import { createHash } from 'node:crypto';
import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { runNode } from '@baton/testkit';

/** How a run of the command ended. */
export interface Ran {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** For tests: runs the real command from its source, as a user would. */
export async function runBaton(args: readonly string[], options: Parameters<typeof runNode>[2] = {}): Promise<Ran> {
  const result = await runNode(new URL('./main.ts', import.meta.url), args, options);
  return { code: result.code, stdout: result.stdout.toString('utf8'), stderr: result.stderr.toString('utf8') };
}

/** The one JSON document that `--json` prints; throws when standard output has anything else. */
export function document(ran: Ran): { ok: boolean; result?: unknown; error?: { code: string; message: string } } {
  return JSON.parse(ran.stdout) as ReturnType<typeof document>;
}

/** Everything below a directory: names, modes, times and content. Equal when nothing was touched. */
export function pictureOf(dir: string): Record<string, string> {
  const picture: Record<string, string> = {};
  for (const name of readdirSync(dir, { recursive: true, encoding: 'utf8' }).sort()) {
    const path = join(dir, name);
    const stats = lstatSync(path);
    const content = stats.isFile() ? readFileSync(path) : stats.isSymbolicLink() ? readlinkSync(path) : '';
    // The index of git takes notice of times when somebody only looks.
    if (name.startsWith('.git')) continue;
    picture[name] = `${stats.mode} ${stats.mtimeMs} ${createHash('sha256').update(content).digest('hex')}`;
  }
  return picture;
}
