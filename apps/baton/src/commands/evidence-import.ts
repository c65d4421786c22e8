import { join } from 'node:path';
import { findSigner, importSuite, writeStatement } from '@baton/evidence';
import { BatonError, isDigest, readFileLimited, toBatonError } from '@baton/kernel';
import * as z from 'zod';
import { defineCommand } from '../command.ts';

/** Bytes that a JUnit file may have. */
const LIMIT = 64 * 1024 * 1024;

const options = z.strictObject({
  path: z
    .string()
    .default('.')
    .meta({ description: 'The project: its statement goes to dist/evidence', argument: true }),
  kind: z
    .string()
    .regex(/^[a-z0-9]([a-z0-9-]{0,60}[a-z0-9])?$/, 'expected lower-case letters, digits and "-"')
    .meta({ description: 'What the suite is called; gates ask for it by this name', value: 'name' }),
  subject: z.string().meta({ description: 'What was tested: NAME@sha256:...', value: 'reference' }),
  junit: z.string().meta({ description: 'The JUnit file of the suite', value: 'file' }),
});

/** `baton evidence import`. */
export const evidenceImport = defineCommand(options, async ({ path, kind, subject, junit }, { env }) => {
  const { name, digest } = readSubject(subject);
  const bytes = await readFileLimited(junit, LIMIT).catch((error: unknown) => {
    throw new BatonError('FILE_UNREADABLE', `cannot read the JUnit file ${junit}: ${toBatonError(error).message}`, {
      hint: 'Name the file that the suite wrote.',
      cause: error,
    });
  });
  const made = importSuite({ kind, subject: name, digest, junit: bytes, where: junit });
  const file = join(path, 'dist/evidence', `imported-${kind}.json`);
  const written = await writeStatement(file, made.statement, { signer: await findSigner({ env }) });
  const { result } = made.statement.predicate;
  const text = `${kind}: ${result} (${made.statement.predicate.checks[0]?.detail}) about ${name}@${digest}\n${file}`;
  return {
    result: { path: file, digest: written, kind, result, counts: made.counts },
    text,
    error: made.refusal,
  };
});

function readSubject(text: string): { name: string; digest: `sha256:${string}` } {
  const at = text.lastIndexOf('@');
  const digest = text.slice(at + 1);
  if (at > 0 && isDigest(digest)) return { name: text.slice(0, at), digest };
  throw new BatonError('USAGE', `--subject: expected NAME@sha256:... with 64 hexadecimal digits; found "${text}"`, {
    hint: 'A tag can move: "baton image inspect" shows the digest of an image.',
  });
}
