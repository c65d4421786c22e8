import { nearest } from '@baton/kernel';
import type { Complaint, TextRule } from './text-field.ts';

/** What a tag template may hold in braces. */
export const TAG_PLACEHOLDERS = ['version', 'major', 'minor', 'patch', 'commit', 'name'] as const;

/** What the template of a release's git tag may hold in braces. */
export const RELEASE_PLACEHOLDERS = ['name', 'version'] as const;

const SAMPLE: Record<string, string> = {
  version: '1.2.3',
  major: '1',
  minor: '2',
  patch: '3',
  commit: '0123456789012345678901234567890123456789',
  name: 'name',
};

/** The tags an image is published under. What braces stand for is filled in when it is published. */
export const TAG_TEMPLATE: TextRule = {
  expected: 'a tag: letters, digits, "_", "." and "-", at most 128, not starting with "." or "-"',
  description: 'A tag; `{version}` `{major}` `{minor}` `{patch}` `{commit}` and `{name}` are filled in.',
  examples: ['{version}', '{major}.{minor}', 'latest', 'sha-{commit}'],
  judge(text) {
    const unknown = placeholderComplaint(text, TAG_PLACEHOLDERS);
    if (unknown !== undefined) return unknown;
    // The form of a tag: OCI distribution specification, "Pulling manifests".
    return /^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/.test(fill(text)) ? undefined : {};
  },
};

/** The git tag of a release; the version is read back from it, so it is in there once. */
export const RELEASE_TEMPLATE: TextRule = {
  expected: 'a git tag that has {version} once, like {name}/v{version}',
  description: 'The git tag of a release; `{name}` and `{version}` are filled in.',
  examples: ['{name}/v{version}', 'v{version}'],
  judge(text) {
    const unknown = placeholderComplaint(text, RELEASE_PLACEHOLDERS);
    if (unknown !== undefined) return unknown;
    if (text.split('{version}').length !== 2) return {};
    return isRefName(fill(text)) ? undefined : { expected: 'a template whose result is a valid git tag' };
  },
};

function placeholderComplaint(text: string, known: readonly string[]): Complaint | undefined {
  const list = known.map((name) => `{${name}}`).join(' ');
  for (const [whole, name = ''] of text.matchAll(/\{([^{}]*)\}/g)) {
    if (known.includes(name)) continue;
    const meant = nearest(name, known);
    return {
      expected: `one of the placeholders ${list} in place of ${whole}`,
      ...(meant === undefined ? {} : { hint: `Did you mean {${meant}}?` }),
    };
  }
  const rest = text.replace(/\{[^{}]*\}/g, '');
  return /[{}]/.test(rest) ? { expected: `braces in pairs around a placeholder (${list})` } : undefined;
}

function fill(text: string): string {
  return text.replace(/\{([^{}]*)\}/g, (_, name: string) => SAMPLE[name] ?? '');
}

// git-check-ref-format(1)
function isRefName(text: string): boolean {
  return (
    text !== '@' &&
    !/[\x00-\x20\x7f~^:?*[\\]|\.\.|@\{|\/\/|^[/-]|[/.]$/.test(text) &&
    text.split('/').every((part) => !part.startsWith('.') && !part.endsWith('.lock'))
  );
}
