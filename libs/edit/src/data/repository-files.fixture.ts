import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '../../../..');
const LEFT_OUT = new Set(['node_modules', 'dist', 'tmp', 'coverage']);

/** The files of this repository whose names end so: real formatting, beside the generated one. */
export function repositoryFiles(...endings: readonly string[]): { path: string; bytes: Buffer }[] {
  const visit = (dir: string): string[] =>
    readdirSync(join(ROOT, dir), { withFileTypes: true }).flatMap((entry) => {
      if (LEFT_OUT.has(entry.name) || entry.name === '.git' || entry.name === '.nx') return [];
      const path = join(dir, entry.name);
      if (entry.isDirectory()) return visit(path);
      return entry.isFile() && endings.some((ending) => entry.name.endsWith(ending)) ? [path] : [];
    });
  return visit('.').map((path) => ({ path, bytes: readFileSync(join(ROOT, path)) }));
}
