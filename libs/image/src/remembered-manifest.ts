import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { errnoOf, writeFileAtomic } from '@baton/kernel';
import type { AgentManifest, LoadedManifest } from '@baton/manifest';
import { toolIdentity } from './stamp.ts';
import { manifestPath } from './unchanged.ts';

/**
 * The manifest at `path` (a folder or the file), when the same program has checked the same bytes before; undefined
 * otherwise. Reading it needs neither YAML nor schemas, which are a third of what a small publish costs.
 */
export function rememberedManifest(path: string, cacheDir: string): LoadedManifest | undefined {
  const file = manifestPath(path);
  try {
    const bytes = readFileSync(file);
    const manifest = JSON.parse(readFileSync(memoPath(bytes, cacheDir), 'utf8')) as AgentManifest;
    return { path: file, dir: dirname(file), bytes, manifest };
  } catch (error) {
    if (error instanceof SyntaxError || errnoOf(error) !== undefined) return undefined;
    throw error;
  }
}

/** Remembers a manifest that was read and checked. A program that runs from its sources changes under its own name, and remembers nothing. */
export async function rememberManifest(project: LoadedManifest, cacheDir: string): Promise<void> {
  if (process.argv[1]?.endsWith('.ts') === true) return;
  await writeFileAtomic(memoPath(project.bytes, cacheDir), JSON.stringify(project.manifest));
}

function memoPath(bytes: Uint8Array, cacheDir: string): string {
  const key = createHash('sha256').update(`${toolIdentity()}\n`).update(bytes).digest('hex');
  return join(cacheDir, 'v1', 'manifests', `${key}.json`);
}
