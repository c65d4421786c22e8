import { createReadStream, lstatSync, readdirSync, readlinkSync, realpathSync } from 'node:fs';
import { arch, platform } from 'node:os';
import { join } from 'node:path';
import { compareText, Hasher, runProcess, toolEnv } from '@baton/kernel';
import type { Identity } from '../model/observation.ts';
import type { ResolvedCommand } from './resolve-command.ts';

/** Who a program of this machine is: the digest covers each mounted file, with the path at which the subject sees it. */
export async function processIdentity(
  words: readonly string[],
  resolved: ResolvedCommand,
  facts: Readonly<Record<string, string>>,
): Promise<Identity> {
  const hasher = new Hasher();
  const note = (text: string): void => void hasher.update(Buffer.from(`${JSON.stringify(text)}\n`));
  for (const word of resolved.command) note(word);
  for (const { source, target } of [...resolved.mounts].sort((a, b) => compareText(a.target, b.target))) {
    await hashTree(hasher, note, realpathSync(source), target);
  }
  return {
    kind: 'process',
    name: words.join(' '),
    digest: hasher.digest(),
    facts: {
      program: resolved.program,
      ...(resolved.script !== undefined && { script: resolved.script }),
      command: resolved.command.join(' '),
      version: await versionOf(resolved.program),
      platform: `${platform()}/${arch()}`,
      ...facts,
    },
  };
}

async function hashTree(hasher: Hasher, note: (text: string) => void, path: string, shown: string): Promise<void> {
  const stat = lstatSync(path);
  if (stat.isSymbolicLink()) return note(`${shown} -> ${readlinkSync(path)}`);
  if (stat.isDirectory()) {
    note(`${shown}/`);
    for (const name of readdirSync(path).sort(compareText))
      await hashTree(hasher, note, join(path, name), `${shown}/${name}`);
    return;
  }
  if (!stat.isFile()) return note(`${shown} is no file`);
  note(`${shown} ${stat.size} ${(stat.mode & 0o111) === 0 ? 'plain' : 'program'}`);
  for await (const chunk of createReadStream(path, { highWaterMark: 1024 * 1024 })) hasher.update(chunk as Buffer);
}

// Only interpreters are asked: a program under test would not be started for it.
async function versionOf(program: string): Promise<string> {
  if (!/\/(?:node|python|ruby|perl|php|deno|bun)[\d.]*$/.test(program)) return 'not asked';
  const ran = await runProcess({ command: program, args: ['--version'], env: toolEnv(), timeout: 20_000 });
  return `${ran.stdout.toString('utf8')}${ran.stderr.toString('utf8')}`.trim().split('\n')[0] ?? '';
}
