import { BatonError } from '@baton/kernel';
import { decodeSource, lineEnd, lineEndingAt, withLineEnding } from '../data/source-text.ts';
import { footOf, type MdSection, sectionsOf } from '../markdown/find-section.ts';
import { type MdDocument, nodesOf, parseMarkdown } from '../markdown/parse-markdown.ts';

/** A release in a changelog: a heading that holds a version, or `Unreleased`, with all below it. */
export interface ChangelogRelease extends MdSection {
  /** The version as it is compared: without component, `v` and brackets; `unreleased`. */
  version: string;
  /** `2026-05-01`; undefined where the heading has none. */
  date: string | undefined;
}

/** A changelog, read for its places. */
export interface ChangelogDocument extends MdDocument {
  releases: readonly ChangelogRelease[];
  /** All above the first release. */
  head: string;
  /** Where the link definitions at the end begin. */
  foot: number;
  ending: '\n' | '\r\n';
}

const VERSION =
  /(?:^|[\s[(/])((?:[A-Za-z][\w.-]*\/)*)(v?)([0-9]+\.[0-9]+(?:\.[0-9]+)*(?:-[0-9A-Za-z.-]+)?(?:\+[0-9A-Za-z.-]+)?)(?=$|[\s\])(:,])/;
const DATE = /[0-9]{4}-[0-9]{2}-[0-9]{2}/;

/** Reads a changelog or notes file. @throws BatonError `EDIT_REFUSED` for what is not text */
export function readChangelog(bytes: Uint8Array): ChangelogDocument {
  const document = parseMarkdown(decodeSource(bytes));
  const releases = sectionsOf(document).flatMap((section) => {
    const version = versionIn(section.title);
    if (version === undefined || section.parents.some((title) => versionIn(title) !== undefined)) return [];
    return [{ ...section, version, date: DATE.exec(section.title)?.[0] }];
  });
  const foot = footOf(document);
  const head = document.text.slice(0, releases[0]?.start);
  return { ...document, releases, head, foot, ending: lineEndingAt(document.text, releases[0]?.start ?? foot) };
}

/** The version that a heading or a word names, as it is compared; undefined when it names none. */
export function versionIn(title: string): string | undefined {
  if (/^\[?unreleased\]?$/i.test(title.trim().split(/\s+[-\u2013\u2014(]/)[0] ?? '')) return 'unreleased';
  return VERSION.exec(title)?.[3];
}

/** The one release of a version; undefined when there is none. @throws BatonError `EDIT_AMBIGUOUS` */
export function releaseOf(document: ChangelogDocument, version: string): ChangelogRelease | undefined {
  const wanted = versionIn(version) ?? version;
  const found = document.releases.filter((release) => release.version === wanted);
  if (found.length > 1) {
    throw new BatonError('EDIT_AMBIGUOUS', `expected one heading for ${version}, found ${found.length}`, {
      hint: 'Join the entries by hand: a version has one heading.',
    });
  }
  return found[0];
}

/** What a file's headings look like, taken from its newest release that has a version. */
export interface HeadingStyle {
  depth: number;
  /** Around the version: `[` and `]`, or nothing. */
  brackets: boolean;
  component: string;
  /** `v`, nothing, or undefined where the file does not say. */
  v: string | undefined;
  beforeDate: string;
  afterDate: string;
  /** `=` or `-` for headings that are underlined. */
  underline: string | undefined;
  /** Whether an empty line stands below a heading. */
  blankBelow: boolean;
  /** Line endings between one release and the next. */
  between: string;
}

/** Looks at the releases of a file. */
export function headingStyle(
  document: ChangelogDocument,
  brackets: boolean,
  beforeDate: string,
  afterDate: string,
): HeadingStyle {
  const { text, releases, ending } = document;
  const model = releases.find(({ version }) => version !== 'unreleased');
  const any = model ?? releases[0];
  const next = any === undefined ? undefined : releases[releases.indexOf(any) + 1];
  const source =
    model === undefined
      ? ''
      : text.slice(model.heading.start, lineEnd(text, model.heading.start)).replace(/[\s#]+$/, '');
  const found = VERSION.exec(source.replace(/^#+\s*/, ''));
  const dated = /([0-9A-Za-z\])])([^0-9A-Za-z\])]*?)([0-9]{4}-[0-9]{2}-[0-9]{2})(\)?)/.exec(source);
  const underline = any === undefined ? undefined : /\n *(=|-)+\s*$/.exec(text.slice(any.start, any.heading.end))?.[1];
  const below = any === undefined ? '' : text.slice(any.body, any.end);
  return {
    depth: any?.depth ?? 2,
    brackets:
      model === undefined
        ? any === undefined
          ? brackets
          : /\[/.test(text.slice(any.start, any.body))
        : /\[(?:[\w./-]*\/)?v?[0-9]/.test(source),
    component: found?.[1] ?? '',
    v: found?.[2],
    beforeDate: dated?.[2] ?? beforeDate,
    afterDate: dated?.[4] ?? (dated === null ? afterDate : ''),
    underline,
    blankBelow: below.trim() === '' || /^[ \t]*\r?\n/.test(below),
    between:
      next === undefined || below.trim() === ''
        ? ending + ending
        : ending.repeat(Math.max(1, below.slice(below.trimEnd().length).split('\n').length - 1)),
  };
}

/** A body as two are compared: LF, no blanks around. */
export function normalBody(text: string): string {
  return withLineEnding(text, '\n').trim();
}

/** Whether a section's text holds a block of lines as it is. */
export function holdsBlock(body: string, block: string): boolean {
  return `\n${normalBody(body)}\n`.includes(`\n${normalBody(block)}\n`);
}

/** A version whose heading is in brackets and whose link definition is missing although others have one; undefined when all is well. */
export function missingCompareLink(bytes: Uint8Array): string | undefined {
  const document = readChangelog(bytes);
  const defined = new Set(
    nodesOf(document.root, 'definition').map(({ fields }) => versionIn(String(fields.label ?? ''))),
  );
  if (defined.size === 0) return undefined;
  return document.releases.find(({ start, body, version }) => {
    return document.text.slice(start, body).includes('[') && !defined.has(version);
  })?.title;
}
