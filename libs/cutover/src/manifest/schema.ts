import * as z from 'zod';
import type { CutoverManifest, EditOperation, PathOperation } from '../model/manifest.ts';
import { exactlyOneOf, flag, line, mapOf, patterned, someText, text } from './fields.ts';
import { pathComplaint } from './path-rule.ts';
import { criterion, gate, generateOperation, scanOperation } from './schema-checks.ts';
import { DATA_EDITS } from './schema-data-edits.ts';
import { pathOperation } from './schema-paths.ts';
import { TEXT_EDITS } from './schema-text-edits.ts';

const EDITS = { ...TEXT_EDITS, ...DATA_EDITS };

/** The names of all edit operations. */
export const EDIT_KINDS = Object.keys(EDITS);

const editOperation = exactlyOneOf(z.strictObject(EDITS), EDIT_KINDS).meta({
  description:
    'One edit; it is located in the bytes that the file has before any edit. One that finds nothing, or finds everything as it wants it while the rest of the cutover is still to be done, is an error unless it says `optional: true`.',
  minProperties: 1,
  maxProperties: 1,
});

const revision = patterned(/^[0-9a-f]{40}([0-9a-f]{24})?$/, 'a commit id of 40 or 64 hexadecimal digits', 'A commit.');
const branch = (description: string) =>
  text(description, (name) =>
    isBranchName(name) ? undefined : { expected: 'the name of a branch, as git allows them' },
  );

const person = (description: string) =>
  z.strictObject({ name: personText('The name.'), email: personText('The mail address.') }).meta({ description });

const commit = z
  .strictObject({
    author: person("Who wrote it; git's configuration is never asked."),
    committer: person('Who committed it; the author when left out.').exactOptional(),
    subject: line('The first line of the message.'),
    body: text('The rest of the message.', (value) =>
      value.includes('\0') ? { expected: 'text without NUL' } : undefined,
    ).exactOptional(),
    signoff: flag('Adds `Signed-off-by` of the author.').exactOptional(),
    sign: z
      .strictObject({
        format: z.enum(['openpgp', 'ssh']).meta({ description: 'The kind of signature.' }),
        key: someText('The key: its id, or the file of an ssh key.'),
      })
      .describe('Signs the commit; its id then differs from run to run, its tree and payload do not.')
      .exactOptional(),
    date: text(
      "`base` (the default): the base commit's time plus one second; else an ISO date with time and zone.",
      (value) =>
        value === 'base' || isDate(value) ? undefined : { expected: 'base, or a date like 2026-05-01T12:00:00Z' },
    ).exactOptional(),
  })
  .describe('The commit; all that is in it comes from here and from the base commit.');

const pullRequest = z
  .strictObject({
    repository: patterned(
      /^[A-Za-z0-9_.-]+\/[A-Za-z0-9_.-]+$/,
      'owner/name',
      'The repository; of the remote `origin` when left out.',
    ).exactOptional(),
    branch: branch('The branch that is pushed.'),
    base: branch("The branch that it goes into; `requires.branch`, else the forge's default.").exactOptional(),
    title: line('Its title; the subject of the commit when left out.').exactOptional(),
    'title-pattern': someText('A pattern that the title must match.').exactOptional(),
    labels: z
      .array(line('A label.'))
      .meta({ description: 'Labels; they must exist and are never made.' })
      .exactOptional(),
    body: text('Text above the generated part.').exactOptional(),
    behaviour: z.array(someText('One change.')).meta({ description: 'What changes for users.' }).exactOptional(),
    rollback: z.array(someText('One step.')).meta({ description: 'How to go back.' }).exactOptional(),
    manual: z
      .array(someText('One thing.'))
      .meta({ description: 'What a person must do outside of the repository.' })
      .exactOptional(),
    draft: flag('It begins as a draft.').exactOptional(),
  })
  .describe('The pull request.');

const requires = z
  .strictObject({
    branch: branch('The branch that the base must be the head of.').exactOptional(),
    clean: flag('No uncommitted changes in the checkout.').exactOptional(),
    ancestors: z.array(revision).meta({ description: 'Commits that the base must contain.' }).exactOptional(),
    checks: z
      .array(line('A check.'))
      .meta({ description: 'Checks that must have succeeded on the base.' })
      .exactOptional(),
  })
  .describe('What must hold before anything is planned.');

// Far more than anybody writes: each edit of a file reads the file, so their number bounds the time that a plan takes.
const list = <S extends z.ZodType>(item: S, description: string, most = 1000) =>
  z
    .array(item)
    .superRefine(({ length }, context) => {
      if (length <= most) return;
      const hint = 'Say more with globs and directories.';
      context.addIssue({ code: 'custom', message: `at most ${most} of them`, params: { hint } });
    })
    .default([])
    .meta({ description, maxItems: most });

/** `cutover.yaml`. */
export const cutoverSchema = z
  .strictObject({
    version: z.literal(1).describe('The version of this format: 1.'),
    name: patterned(
      /^[a-z0-9]([a-z0-9._-]{0,98}[a-z0-9])?$/,
      'a name of lower-case letters, digits, ".", "_" and "-"',
      'The name of the cutover.',
    ),
    requires: requires.exactOptional(),
    vars: mapOf(
      z.string(),
      'Texts that stand for `<<name>>` everywhere else; `from-base-commit` is the day of the base commit.',
    ).exactOptional(),
    paths: list(pathOperation, 'What moves, goes and comes: all at once.', 20_000),
    edits: list(editOperation, 'What changes in files, named as they are after the path operations.', 5000),
    generate: list(generateOperation, 'What is generated from the result.'),
    scan: list(scanOperation, 'What is searched for in the result.'),
    accept: list(criterion, 'What must hold in the result.').superRefine(uniqueIds),
    gates: list(gate, 'Statements that must exist.').superRefine(uniqueIds),
    commit,
    'pull-request': pullRequest.exactOptional(),
  })
  .describe('A switch from an old implementation to a new one, as one commit.');

/** The manifest that a checked form says. */
export function manifestOf(form: z.output<typeof cutoverSchema>): CutoverManifest {
  return {
    ...form,
    // The schema has made sure that each has exactly one key, and the key's own value.
    paths: form.paths as readonly object[] as readonly PathOperation[],
    edits: form.edits as readonly object[] as readonly EditOperation[],
    scan: form.scan as readonly object[] as CutoverManifest['scan'],
    accept: form.accept as readonly object[] as CutoverManifest['accept'],
  };
}

function uniqueIds(items: readonly { id: string }[], context: z.RefinementCtx): void {
  const seen = new Set<string>();
  for (const [index, { id }] of items.entries()) {
    if (seen.has(id)) context.addIssue({ code: 'custom', message: 'an id that no other has', path: [index, 'id'] });
    seen.add(id);
  }
}

function personText(description: string) {
  return text(description, (value) =>
    value.trim() === '' || /[<>\n\r\0]/.test(value) || /^[\s.,:;"'\\]|[\s.,:;"'\\]$/.test(value)
      ? { expected: 'one line without < and >, that neither begins nor ends with white space, quotes or .,:;\\' }
      : undefined,
  );
}

function isDate(value: string): boolean {
  return /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?(Z|[+-]\d\d:?\d\d)$/.test(value) && !Number.isNaN(Date.parse(value));
}

// git-check-ref-format(1).
function isBranchName(name: string): boolean {
  if (pathComplaint(name) !== undefined || name === '@' || name.startsWith('-')) return false;
  if (/[\u0000-\u0020\u007f~^:?*[\\]|\.\.|@\{|\.$/.test(name)) return false;
  return name.split('/').every((part) => !part.startsWith('.') && !part.endsWith('.lock'));
}
