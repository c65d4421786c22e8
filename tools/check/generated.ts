import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { errnoOf, writeFileAtomic } from '@baton/kernel';
import { type GeneratedFile, generatedFilesOf } from './generated-files.ts';
import type { Step } from './step.ts';

/** Holds checked-in files equal to the code that they are made from; with `fix` it writes them. */
export const generated: Step = {
  name: 'generated',
  async run(root, fix) {
    const problems: string[] = [];
    let count = 0;
    try {
      for await (const file of generatedFilesOf(root)) {
        count += 1;
        problems.push(
          ...(await checkFile(root, file, fix).catch((error: unknown) => [`${file.path}: ${message(error)}`])),
        );
      }
    } catch (error) {
      problems.push(`not all files could be made: ${message(error)}`);
    }
    return { summary: `${count} files`, problems };
  },
};

function message(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Why one file is not current; nothing when it is, or was made so. */
export async function checkFile(root: string, file: GeneratedFile, fix: boolean): Promise<string[]> {
  const path = join(root, file.path);
  const current = await readFile(path, 'utf8').catch((error: unknown) => {
    if (errnoOf(error) === 'ENOENT') return '';
    throw error;
  });
  const wanted = await file.make(current);
  if (wanted === current) return [];
  if (fix) {
    await writeFileAtomic(path, wanted);
    return [];
  }
  return [`${file.path}:${firstDifference(current, wanted)} is not what the code says: npm run check -- --fix`];
}

function firstDifference(a: string, b: string): number {
  const [left, right] = [a.split('\n'), b.split('\n')];
  return left.findIndex((line, i) => line !== right[i]) + 1 || left.length + 1;
}
