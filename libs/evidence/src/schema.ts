import * as z from 'zod';

// A program reads a handful of documents in its life: compiling a parser for each costs twice what the parsing does.
z.config({ jitless: true });

/** What a capability may say of its work. */
export const RESULTS = [
  'built',
  'published',
  'equal',
  'equal-with-divergence',
  'diverged',
  'undetermined',
  'applied',
  'verified',
  'imported',
] as const;

// A name is the same on every machine, so it is never a place on one of them.
const name = z
  .string({ error: 'text' })
  .regex(/^(?!\/|[A-Za-z]:\\|file:)[^\x00-\x1f\x7f]+$/, {
    error: 'a name: not empty, no control characters, not an absolute path',
  })
  .describe('What it is called: the same on every machine, so no absolute path.');
const text = z.string({ error: 'text' }).regex(/^[^\x00]*$/, { error: 'text without NUL' });
const word = z
  .string({ error: 'text' })
  .regex(/^[a-z0-9]([a-z0-9._:/@-]*[a-z0-9])?$/, { error: 'lower-case letters, digits and . _ : / @ -' });

const hex = (digits: number) =>
  z.string({ error: 'text' }).regex(new RegExp(`^[0-9a-f]{${digits}}$`), { error: `${digits} hexadecimal digits` });
const gitObject = z
  .string({ error: 'text' })
  .regex(/^[0-9a-f]{40}([0-9a-f]{24})?$/, { error: '40 or 64 hexadecimal digits' });

/** A sha256 digest with its prefix: how statements name each other. */
const digest = z.templateLiteral(['sha256:', z.string().regex(/^[0-9a-f]{64}$/)], {
  error: 'sha256: and 64 hexadecimal digits',
});

const subject = z
  .strictObject({
    name,
    digest: z
      .strictObject({
        sha256: hex(64).exactOptional(),
        gitCommit: gitObject.exactOptional(),
        gitTree: gitObject.exactOptional(),
      })
      .refine((set) => Object.keys(set).length > 0, { error: 'at least one digest' })
      .describe('By content: sha256 of bytes, or an object of git.'),
  })
  .describe('One thing that the statement is about.');

const material = z
  .strictObject({
    name,
    digest: z
      .strictObject({
        sha256: hex(64).exactOptional(),
        sha512: hex(128).exactOptional(),
        sha1: hex(40).exactOptional(),
        gitCommit: gitObject.exactOptional(),
        gitTree: gitObject.exactOptional(),
      })
      .refine((set) => Object.keys(set).length > 0, { error: 'at least one digest' })
      .describe('By content.'),
    role: word.describe('What it was used as: `base`, `layer`, `lock`, `manifest`, ...'),
  })
  .describe('One thing that went in.');

const tool = z
  .strictObject({
    name: word.describe('`baton`.'),
    version: text.describe('Its version.'),
    sourceDigest: digest.describe('The digest of its source, where it is known.').exactOptional(),
  })
  .describe('What did the work.');

const check = z
  .strictObject({
    id: word.describe('Which check.'),
    result: z.enum(['passed', 'failed', 'pending', 'noted']).describe('`pending` could not run; it is never `passed`.'),
    detail: text.describe('What was found.').exactOptional(),
  })
  .describe('One thing that was looked at.');

const predicate = z
  .looseObject({
    tool,
    materials: z.array(material).describe('What went in; sorted.'),
    result: z.enum(RESULTS).describe('What came of it.'),
    checks: z.array(check).describe('What was looked at, in order.'),
    statements: z.array(digest).describe('The statements relied on; sorted.'),
  })
  .describe('The common part; other keys belong to the capability.');

/** An in-toto Statement v1 with one of our predicates. */
export const statementSchema = z
  .strictObject({
    _type: z.literal('https://in-toto.io/Statement/v1').describe('in-toto Statement v1.'),
    subject: z.array(subject).min(1).describe('What the statement is about; sorted.'),
    predicateType: z
      .string({ error: 'text' })
      .regex(/^https:\/\/baton\.dev\/evidence\/[a-z][a-z0-9-]*\/v1$/, {
        error: 'https://baton.dev/evidence/<capability>/v1',
      })
      .describe('Which capability made it.'),
    predicate,
  })
  .describe('These bytes (subject) came from these bytes (materials) by this tool with this result.');

/** One thing that a statement is about. */
export type Subject = z.infer<typeof subject>;
/** One thing that went in. */
export type Material = z.infer<typeof material>;
/** What did the work. */
export type Tool = z.infer<typeof tool>;
/** One thing that was looked at. */
export type Check = z.infer<typeof check>;
/** What came of the work. */
export type Result = (typeof RESULTS)[number];
/** The common part of every predicate, and whatever the capability adds. */
export type Predicate = z.infer<typeof predicate>;
/** An in-toto Statement v1 with one of our predicates. */
export type Statement<P extends Predicate = Predicate> = Omit<z.infer<typeof statementSchema>, 'predicate'> & {
  predicate: P;
};
