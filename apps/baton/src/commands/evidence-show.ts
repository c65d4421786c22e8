import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { findVerifier, type ReadStatement, readStatement, reportStatement } from '@baton/evidence';
import { BatonError } from '@baton/kernel';
import * as z from 'zod';
import { defineCommand } from '../command.ts';

const options = z.strictObject({
  path: z
    .string()
    .default('.')
    .meta({ description: 'A statement, a directory of statements or a project', argument: true }),
});

/** `baton evidence show`. */
export const evidenceShow = defineCommand(options, async ({ path }, { env }) => {
  const verifier = await findVerifier({ env });
  const files = await statementFiles(path);
  const reads: ReadStatement[] = [];
  for (const file of files) reads.push(await readStatement(file, { verifier }));
  return {
    result: reads.map(({ path: file, digest, signature, statement }) => ({ path: file, digest, signature, statement })),
    text: reads.map((read) => `${read.path}\n${reportStatement(read.statement, read)}`).join('\n'),
  };
});

/** The statements that a path means, by name: the file itself, or those of a directory or of a project's `dist/evidence`. */
async function statementFiles(path: string): Promise<string[]> {
  if ((await stat(path).catch(() => undefined))?.isDirectory() !== true) return [path];
  const inProject = join(path, 'dist', 'evidence');
  const directory = (await stat(inProject).catch(() => undefined))?.isDirectory() === true ? inProject : path;
  const names = (await readdir(directory)).filter((name) => name.endsWith('.json') && !name.endsWith('.dsse.json'));
  if (names.length === 0) {
    throw new BatonError('EVIDENCE_MISSING', `no statements in ${directory}`, {
      hint: 'Name a project that was built, or a statement: "baton image build" leaves one in dist/evidence.',
    });
  }
  return names.sort().map((name) => join(directory, name));
}
