import { BatonError } from '@baton/kernel';
import { parse, rcompare, SemVer } from 'semver';

/** Where the version to publish was found. */
export interface ChosenVersion {
  version: SemVer;
  source: 'release' | 'manifest' | 'tag';
}

/**
 * The version to publish: what the caller says, else what the manifest says, else the component's tag on this commit;
 * undefined when none of them says anything (then only commit tags are published).
 *
 * Errors: `VERSION_INVALID`.
 */
export function chooseVersion(from: {
  release?: string | undefined;
  manifest?: string | undefined;
  tagsAtHead: readonly string[];
  tagPattern: string;
  name: string;
}): ChosenVersion | undefined {
  if (from.release !== undefined) return { version: checkVersion(from.release, '--release'), source: 'release' };
  if (from.manifest !== undefined) return { version: checkVersion(from.manifest, 'image.version'), source: 'manifest' };
  const tagged = versionsInTags(from.tagsAtHead, from.tagPattern, from.name)[0];
  return tagged === undefined ? undefined : { version: tagged, source: 'tag' };
}

/**
 * A version that can be published: strictly a semantic version, without a leading "v", and without `+build`, which no
 * tag can hold. `where` names its origin in the error (`VERSION_INVALID`).
 */
export function checkVersion(text: string, where: string): SemVer {
  const version = parse(text);
  if (version === null || text.trim() !== text || /^[v=]/i.test(text)) {
    const hint =
      version === null ? 'Write it as X.Y.Z, or X.Y.Z-rc.1 for a candidate.' : `Write it as ${version.version}.`;
    throw new BatonError('VERSION_INVALID', `${where} "${text}" is not a semantic version`, { hint });
  }
  if (version.build.length > 0) {
    throw new BatonError('VERSION_INVALID', `${where} "${text}" cannot be a tag: a tag may not hold "+"`, {
      hint: `Use ${version.version}, or ${version.version}${version.prerelease.length === 0 ? '-' : '.'}${version.build.join('.')} for a candidate.`,
    });
  }
  if (text.length > 100)
    throw new BatonError('VERSION_INVALID', `${where} has ${text.length} characters, at most 100 fit a tag`);
  return version;
}

/** The versions that git tags name by a pattern such as `agent/v{version}`, newest first. */
export function versionsInTags(tags: readonly string[], pattern: string, name: string): SemVer[] {
  const [before = '', after = ''] = pattern.replaceAll('{name}', name).split('{version}');
  const found: SemVer[] = [];
  for (const tag of tags) {
    if (tag.length <= before.length + after.length || !tag.startsWith(before) || !tag.endsWith(after)) continue;
    const text = tag.slice(before.length, tag.length - after.length);
    const version = /^v/i.test(text) ? null : parse(text);
    if (version !== null && version.build.length === 0) found.push(new SemVer(version));
  }
  return found.sort(rcompare);
}
