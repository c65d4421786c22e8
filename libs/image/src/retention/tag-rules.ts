import { type Digest, isDigest, plural } from '@baton/kernel';
import { matchesTagPattern, type RetentionSection } from '@baton/manifest';
import { rcompare, type SemVer } from 'semver';
import { kindOf, versionsAmong } from '../tags.ts';
import type { RetentionRule } from './types.ts';

/** What a policy says of a tag by its name alone. */
export interface TagVerdict {
  keep: boolean;
  rule: RetentionRule;
  why: string;
  /** `major.minor` of a version. */
  line?: string | undefined;
  /** It names a commit: where its image has a version as well, it follows that. */
  commit?: boolean | undefined;
  /** What a tag of referrers or signatures is about: it follows that. */
  subject?: Digest | undefined;
}

/** What decides about names. */
export interface NameRules {
  policy: RetentionSection;
  /** YYYY-MM-DD. */
  date: string;
  /** Tag templates of the manifest: what a version looks like here. */
  templates: readonly string[];
}

interface Version {
  tag: string;
  version: SemVer;
  line: string;
}

/**
 * Judges tags by their names: `never`, `keepUntil`, the newest of each line, candidates, moving tags, other names.
 *
 * Versions are ordered as semantic versions. Of each line (`major.minor`) the newest released ones stay, and of the
 * candidates newer than those the newest: a candidate whose release is there is superseded. Other tags stay unless
 * `mayGo` names them; `latest` and tags of lines stay even then. What tags of commits and of attestations follow is not
 * known from names.
 */
export function judgeNames(tags: readonly string[], rules: NameRules): Map<string, TagVerdict> {
  const versions = versionsOf(tags, rules.templates);
  const lines = judgeLines(versions, rules.policy.keepLast);
  return new Map(tags.map((tag) => [tag, judge(tag, rules, lines.get(tag))]));
}

function judge(tag: string, { policy, date, templates }: NameRules, byLine: TagVerdict | undefined): TagVerdict {
  const line = byLine?.line;
  const always = policy.never?.find((pattern) => matchesTagPattern(pattern, tag));
  if (always !== undefined) return { keep: true, rule: 'never', why: `"${always}" never goes`, line };
  const until = Object.hasOwn(policy.keepUntil ?? {}, tag) ? policy.keepUntil?.[tag] : undefined;
  // Text of this form is ordered like the days it means.
  if (until !== undefined && date <= until) return { keep: true, rule: 'until', why: `stays until ${until}`, line };
  const expired = until === undefined ? '' : ` (was to stay until ${until})`;
  if (byLine !== undefined) return byLine.keep ? byLine : { ...byLine, why: `${byLine.why}${expired}` };
  const subject = subjectOf(tag);
  if (subject !== undefined) return { keep: false, rule: 'attached-to-gone', why: '', subject };
  if (isMoving(tag, templates)) return { keep: true, rule: 'moving', why: 'moves with what is published' };
  const mayGo = policy.mayGo?.find((pattern) => matchesTagPattern(pattern, tag));
  if (mayGo !== undefined) return { keep: false, rule: 'may-go', why: `"${mayGo}" may go${expired}` };
  return { keep: true, rule: 'other', why: 'is no version', commit: isCommit(tag, templates) };
}

// Written by "sha-{commit}", which is there by default, or another template of the manifest.
function isCommit(tag: string, templates: readonly string[]): boolean {
  return ['sha-{commit}', ...templates].some((template) => {
    if (kindOf(template) !== 'commit') return false;
    const parts = template.split('{commit}').map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'));
    return new RegExp(`^${parts.join('[0-9a-f]{7,64}(?:-dirty)?')}$`).test(tag);
  });
}

function versionsOf(tags: readonly string[], templates: readonly string[]): Version[] {
  const found: Version[] = [];
  for (const tag of tags) {
    // Of several readings the newest: 1.2.3-slim is a candidate to {version}, and 1.2.3 itself to {version}-slim.
    const version = versionsAmong([tag], templates).at(-1);
    if (version !== undefined) found.push({ tag, version, line: `${version.major}.${version.minor}` });
  }
  return found;
}

function judgeLines(versions: readonly Version[], keepLast: number): Map<string, TagVerdict> {
  const verdicts = new Map<string, TagVerdict>();
  for (const [line, members] of Map.groupBy(versions, (one) => one.line)) {
    const released = distinct(members.filter(({ version }) => version.prerelease.length === 0));
    const newest = released[0];
    const candidates = distinct(members.filter(({ version }) => version.prerelease.length > 0));
    const open = candidates.filter((one) => newest === undefined || rcompare(one, newest) < 0);
    for (const { tag, version } of members) {
      const candidate = version.prerelease.length > 0;
      const place = (candidate ? open : released).findIndex((one) => one.compare(version) === 0);
      const kind = candidate ? 'candidate' : 'version';
      if (candidate && place === -1) {
        verdicts.set(tag, { keep: false, rule: 'superseded', why: `superseded by ${newest?.version ?? ''}`, line });
      } else if (place < keepLast) {
        const why = `${keepLast === 1 ? `the last ${kind}` : `one of the last ${keepLast} ${kind}s`} of ${line}`;
        verdicts.set(tag, { keep: true, rule: candidate ? 'candidate' : 'last', why, line });
      } else {
        const why = `${plural(place, `newer ${kind}`)} of ${line}`;
        verdicts.set(tag, { keep: false, rule: 'older', why, line });
      }
    }
  }
  return verdicts;
}

/** Newest first; two tags of one version are one version. */
function distinct(versions: readonly Version[]): SemVer[] {
  const sorted = versions.map(({ version }) => version).sort(rcompare);
  return sorted.filter((version, i) => sorted[i - 1]?.compare(version) !== 0);
}

// Referrers where the registry does not list them (distribution 1.1, "Referrers Tag Schema"), and cosign's own tags.
function subjectOf(tag: string): Digest | undefined {
  const hex = /^sha256-([0-9a-f]{64})(?:\.[a-z]+)?$/.exec(tag)?.[1];
  const digest = `sha256:${hex ?? ''}`;
  return isDigest(digest) ? digest : undefined;
}

function isMoving(tag: string, templates: readonly string[]): boolean {
  if (tag === 'latest' || /^v?\d+(?:\.\d+)?$/.test(tag)) return true;
  return templates.includes(tag) && kindOf(tag) === 'name';
}
