import { BatonError, type Digest } from '@baton/kernel';
import { checkTag } from '@baton/oci';
import { compare, compareBuild, parse, type SemVer } from 'semver';
import type { TagKind } from './types.ts';

/** A tag template with its values filled in. */
export interface RenderedTag {
  tag: string;
  kind: TagKind;
  template: string;
}

/** What templates are filled with. */
export interface TagValues {
  /** A parsed version, when there is one to publish. */
  version?: SemVer | undefined;
  /** The image's revision: 40 hexadecimal digits, `-dirty` behind it for an unclean tree. */
  revision?: string | undefined;
  /** The project's name. */
  name: string;
}

const PLACEHOLDER = /\{([^{}]*)\}/g;
const KNOWN = new Set(['version', 'major', 'minor', 'patch', 'commit', 'name']);

/**
 * Fills tag templates in; a template whose value is missing (no version, no revision) is left out.
 *
 * `{version}` makes a version tag, `{commit}` a commit tag: both are written once. A commit tag of an unclean tree is
 * not, for its content may differ each time: `sha-<commit>-dirty` moves. `{major}` and `{minor}` make line tags, which a
 * candidate (`1.2.0-rc.1`) does not get; `latest` is for the newest stable version; any other text is a name that
 * follows what was published last. Text that is itself a version is written once like a version tag.
 *
 * Errors: `INVALID_REFERENCE` (unknown placeholder, or the result cannot be a tag).
 */
export function renderTags(templates: readonly string[], values: TagValues): RenderedTag[] {
  const rendered: RenderedTag[] = [];
  for (const template of templates) {
    const kind = kindOf(template);
    if (!wanted(template, values)) continue;
    const tag = fill(template, values);
    if (tag === undefined || rendered.some((other) => other.tag === tag)) continue;
    rendered.push({ tag: checkTag(tag), kind, template });
  }
  return rendered;
}

/** Whether a tag may be written only once: another digest under it is a conflict. */
export function isWriteOnce(tag: RenderedTag): boolean {
  return tag.kind === 'version' || (tag.kind === 'commit' && !tag.tag.endsWith('-dirty'));
}

/** What a template promises. */
export function kindOf(template: string): TagKind {
  const names = placeholders(template);
  if (names.includes('version') || names.includes('patch')) return 'version';
  if (names.includes('commit')) return 'commit';
  if (names.includes('major') || names.includes('minor')) return 'line';
  if (names.includes('name')) return 'name';
  if (template === 'latest') return 'latest';
  return parse(template) === null ? 'name' : 'version';
}

// "1.2" and "1.2.3" say nothing of "-rc.1": a candidate gets only the tags that name it whole.
function wanted(template: string, { version }: TagValues): boolean {
  const parts = placeholders(template).some((name) => name === 'major' || name === 'minor' || name === 'patch');
  if (!parts && template !== 'latest') return true;
  return version !== undefined && version.prerelease.length === 0;
}

function placeholders(template: string): string[] {
  return [...template.matchAll(PLACEHOLDER)].map((match) => {
    const name = match[1] ?? '';
    if (!KNOWN.has(name)) {
      throw new BatonError('INVALID_REFERENCE', `tag template "${template}" has the unknown placeholder {${name}}`, {
        hint: 'Placeholders are {version}, {major}, {minor}, {patch}, {commit} and {name}.',
      });
    }
    return name;
  });
}

function fill(template: string, values: TagValues): string | undefined {
  const { version } = values;
  const known: Record<string, string | number | undefined> = {
    version: version?.version,
    major: version?.major,
    minor: version?.minor,
    patch: version?.patch,
    commit: values.revision,
    name: values.name,
  };
  let complete = true;
  const text = template.replaceAll(PLACEHOLDER, (_, name: string) => {
    const value = known[name];
    if (value === undefined) complete = false;
    return String(value);
  });
  return complete ? text : undefined;
}

/**
 * The versions among a repository's tags: whatever the version templates could have written.
 *
 * Matched as semantic versions and not as text, so `1.10.0` is newer than `1.9.0` and `nightly-2` is no version.
 */
export function versionsAmong(tags: Iterable<string>, templates: readonly string[]): SemVer[] {
  const whole = templates.map((template) => template.replaceAll('{major}.{minor}.{patch}', '{version}'));
  const shapes = whole.filter((template) => template.includes('{version}')).map(shapeOf);
  if (shapes.length === 0) shapes.push(shapeOf('{version}'));
  const found: SemVer[] = [];
  for (const tag of tags) {
    for (const shape of shapes) {
      const text = shape.exec(tag)?.[1];
      // parse() forgives a leading "v", which would be another tag.
      const version = text === undefined || text.startsWith('v') ? null : parse(text);
      if (version !== null) found.push(version);
    }
  }
  return found.sort(compareBuild);
}

function shapeOf(template: string): RegExp {
  const source = template
    .split('{version}')
    .map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&').replaceAll(/\\\{[a-z]+\\\}/g, '[0-9A-Za-z.-]+'))
    .join('(.+)');
  return new RegExp(`^${source}$`);
}

/**
 * Why a floating tag must stay where it is, or undefined when it may move to `version`.
 *
 * A line tag follows the newest stable version of its line, `latest` the newest stable version of all: a fix for an
 * old line leaves the newer ones alone.
 */
export function whyKept(
  tag: RenderedTag,
  version: SemVer | undefined,
  existing: readonly SemVer[],
): string | undefined {
  if (tag.kind !== 'line' && tag.kind !== 'latest') return undefined;
  if (version === undefined) return 'there is no version to compare';
  const line = existing.filter(
    (other) => other.prerelease.length === 0 && (tag.kind === 'latest' || sameLine(tag, other, version)),
  );
  const newest = line.reduce<SemVer | undefined>(
    (best, other) => (best === undefined || compare(other, best) > 0 ? other : best),
    undefined,
  );
  return newest !== undefined && compare(newest, version) > 0 ? `${newest.version} is newer` : undefined;
}

function sameLine(tag: RenderedTag, a: SemVer, b: SemVer): boolean {
  if (tag.template.includes('{major}') && a.major !== b.major) return false;
  return !tag.template.includes('{minor}') || a.minor === b.minor;
}

/** A version tag that already points elsewhere: `TAG_CONFLICT`, with both digests. */
export function tagConflict(reference: string, found: Digest, ours: Digest): BatonError {
  return new BatonError(
    'TAG_CONFLICT',
    `${reference} exists with ${found}, and this image is ${ours}; it is written once`,
    {
      hint: 'Publish under a new version, or build the image that the tag stands for. Nothing was overwritten.',
      details: { reference, found, ours },
    },
  );
}
