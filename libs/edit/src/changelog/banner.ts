import { BatonError } from '@baton/kernel';

const BANNERS: readonly RegExp[] = [
  /\b(?:do|must|should|may|can) ?not (?:be )?(?:manually |hand[- ]?|directly )?(?:edit(?:ed)?|modif(?:y|ied)|chang(?:e|ed)|touch(?:ed)?)\b/i,
  /\bdon['\u2019]t (?:manually |directly )?(?:edit|modify|change|touch)\b/i,
  /\b(?:no|never) (?:manual(?:ly)? )?edit(?:s|ing)?\b/i,
  /@generated\b/,
  /\bauto(?:matically)?[- ]?(?:generated|maintained|updated|created|written)\b/i,
  /\b(?:machine|tool)[- ](?:generated|owned|maintained|written)\b/i,
  /\b(?:is|was|are|file|code|changelog|notes|<!--|\/\/|#) ?(?:re)?generated (?:by|from|with|using|via|on every|at)\b/i,
  /\b(?:edits|changes|modifications)\b.{0,60}\b(?:will be|are|get) (?:lost|overwritten|discarded|reverted|replaced)\b/i,
];

const FOOTER = /<!--\s*(?:auto-?)?generated (?:by|with|using) [^>]*-->\s*$/i;

/**
 * Finds the line that says a file belongs to a tool: `DO NOT EDIT`, `@generated`, `automatically generated`, and other spellings.
 * Only the head of the file is asked (what stands above its first entry) and a comment at its very end: an entry may well talk
 * about such lines.
 *
 * @returns the line; undefined when a person may edit the file
 */
export function findBanner(head: string, whole: string): string | undefined {
  const lines = head.split(/\r?\n/);
  const found =
    lines.find((line) => BANNERS.some((banner) => banner.test(line))) ??
    // A sentence may go on in the next line.
    lines.find((line, index) =>
      BANNERS.some((banner) => banner.test(`${line.trim()} ${lines[index + 1]?.trim() ?? ''}`)),
    );
  return found?.trim() ?? FOOTER.exec(whole)?.[0].trim();
}

/** Refuses a file that a tool owns. @throws BatonError `EDIT_REFUSED` */
export function refuseBanner(head: string, whole: string, allowed?: RegExp): void {
  const banner = findBanner(head, whole);
  if (banner === undefined || allowed?.test(banner)) return;
  throw new BatonError('EDIT_REFUSED', `the file says that it is not edited by hand: ${banner.slice(0, 120)}`, {
    hint: 'Change what it is made from, or write a notes file of your own; to take the file over, remove that line in a commit of its own.',
  });
}
