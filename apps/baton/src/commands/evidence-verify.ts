import { stat } from 'node:fs/promises';
import {
  capabilityOf,
  describeUse,
  type EvidencePolicy,
  findVerifier,
  readVerifier,
  subjectDigests,
  type Verification,
  verifyStatement,
} from '@baton/evidence';
import { BatonError, isDigest } from '@baton/kernel';
import * as z from 'zod';
import { defineCommand, type Outcome } from '../command.ts';

const options = z.strictObject({
  file: z.string().meta({ description: 'The statement', argument: true }),
  key: z.string().optional().meta({ description: 'It must be signed, and by this key: a PEM file', value: 'file' }),
  subject: z.string().optional().meta({ description: 'It must be about this digest: sha256:...', value: 'digest' }),
  relied: z
    .string()
    .optional()
    .meta({ description: 'Every statement that it relies on must be in this directory', value: 'dir' }),
});

/** `baton evidence verify`. */
export const evidenceVerify = defineCommand(options, async ({ file, key, subject, relied }, { env }) => {
  if (subject !== undefined && !isDigest(subject)) {
    throw new BatonError('USAGE', `--subject: expected sha256: and 64 hexadecimal digits; found "${subject}"`, {
      hint: '"baton image inspect" shows the digest of an image.',
    });
  }
  if (relied !== undefined && (await stat(relied).catch(() => undefined))?.isDirectory() !== true) {
    throw new BatonError('USAGE', `--relied: expected a directory of statements; found none at "${relied}"`, {
      hint: 'Name the directory that the statements are in, usually dist/evidence.',
    });
  }
  const policy: EvidencePolicy =
    key === undefined
      ? { policy: 'unsigned', verifier: await findVerifier({ env }) }
      : { policy: 'key', verifier: await readVerifier(key) };
  const found = await verifyStatement(file, policy, relied === undefined ? {} : { directory: relied });
  return answer(file, found, subject);
});

function answer(file: string, { read, state, reasons, relied }: Verification, subject: string | undefined): Outcome {
  const subjects = subjectDigests(read.statement);
  const about = subject === undefined || subjects.some((digest) => digest === subject);
  const all = about ? reasons : [`it is about ${subjects.join(', ') || 'no sha256'}, not about ${subject}`, ...reasons];
  const result = {
    path: file,
    capability: capabilityOf(read.statement),
    result: read.statement.predicate.result,
    digest: read.digest,
    subjects,
    signature: read.signature,
    state,
    accepted: all.length === 0,
    reasons: all,
    relied,
  };
  if (all.length === 0) return { result, text: `${describeUse(read)}: it holds` };
  const [first, ...more] = all;
  const error = new BatonError(about ? 'EVIDENCE_INVALID' : 'EVIDENCE_MISMATCH', `${file}: ${first}`, {
    hint: [...more, 'Make it again, or find out who changed it.'].join('\n'),
  });
  return { result, text: describeUse(read), error };
}
