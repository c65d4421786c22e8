import { BatonError, sha256 } from '@baton/kernel';
import fc from 'fast-check';
import { compare, SemVer } from 'semver';
import { expect, test } from 'vitest';
import { isWriteOnce, kindOf, type RenderedTag, renderTags, tagConflict, versionsAmong, whyKept } from './tags.ts';

const COMMIT = '0123456789abcdef0123456789abcdef01234567';
const ALL = ['{version}', '{major}.{minor}', '{major}', 'latest', 'sha-{commit}', 'edge'];

function render(templates: string[], version?: string, revision?: string): string[] {
  const values = { name: 'node-agent', revision, version: version === undefined ? undefined : new SemVer(version) };
  return renderTags(templates, values).map(({ tag }) => tag);
}

function caught(run: () => unknown): BatonError {
  try {
    run();
  } catch (error) {
    if (error instanceof BatonError) return error;
    throw error;
  }
  throw new Error('expected a BatonError');
}

test.each([
  ['a release', ALL, '1.2.3', COMMIT, ['1.2.3', '1.2', '1', 'latest', `sha-${COMMIT}`, 'edge']],
  ['a candidate gets no floating tag', ALL, '1.2.3-rc.1', COMMIT, ['1.2.3-rc.1', `sha-${COMMIT}`, 'edge']],
  ['no version', ALL, undefined, COMMIT, [`sha-${COMMIT}`, 'edge']],
  ['no git', ALL, '1.2.3', undefined, ['1.2.3', '1.2', '1', 'latest', 'edge']],
  ['neither', ['{version}', 'sha-{commit}'], undefined, undefined, []],
  ['an unclean tree', ['sha-{commit}'], undefined, `${COMMIT}-dirty`, [`sha-${COMMIT}-dirty`]],
  ['written twice', ['{version}', '{major}.{minor}.{patch}'], '1.2.3', undefined, ['1.2.3']],
  ['parts of a candidate', ['{major}.{minor}.{patch}'], '1.2.3-rc.1', undefined, []],
  [
    'with text around',
    ['v{version}-slim', '{name}-{version}'],
    '1.2.3',
    undefined,
    ['v1.2.3-slim', 'node-agent-1.2.3'],
  ],
])('tags of %s', (_, templates, version, revision, expected) => {
  expect(render(templates, version, revision)).toEqual(expected);
});

test.each([
  ['{version}', 'version'],
  ['v{version}-slim', 'version'],
  ['{major}.{minor}.{patch}', 'version'],
  ['1.2.3', 'version'],
  ['{major}.{minor}', 'line'],
  ['{name}-{major}', 'line'],
  ['latest', 'latest'],
  ['sha-{commit}', 'commit'],
  ['edge', 'name'],
  ['{name}', 'name'],
])('%s is a tag of kind %s', (template, kind) => {
  expect(kindOf(template)).toBe(kind);
});

test('version and commit tags are written once, except the commit tag of an unclean tree', () => {
  const values = { name: 'a', version: new SemVer('1.2.3'), revision: COMMIT };
  const once = (revision: string): string[] =>
    renderTags(ALL, { ...values, revision })
      .filter(isWriteOnce)
      .map(({ tag }) => tag);
  expect(once(COMMIT)).toEqual(['1.2.3', `sha-${COMMIT}`]);
  expect(once(`${COMMIT}-dirty`)).toEqual(['1.2.3']);
});

test('refuses placeholders it does not know, and results that are no tags', () => {
  expect(caught(() => render(['{versoin}'], '1.2.3'))).toMatchObject({ code: 'INVALID_REFERENCE' });
  expect(caught(() => render(['a b'], '1.2.3'))).toMatchObject({ code: 'INVALID_REFERENCE' });
  expect(caught(() => render([`${'x'.repeat(120)}-{version}`], '1.2.3-rc.1'))).toMatchObject({
    code: 'INVALID_REFERENCE',
  });
});

test('finds versions by their meaning, through the templates', () => {
  const tags = ['1.9.0', '1.10.0', '1.2', 'latest', 'v2.0.0', 'nightly-2', '1.2.3-rc.1', '01.2.3', `sha-${COMMIT}`];
  expect(versionsAmong(tags, ['{version}', 'latest']).map(String)).toEqual(['1.2.3-rc.1', '1.9.0', '1.10.0']);
  expect(versionsAmong(tags, ['v{version}']).map(String)).toEqual(['2.0.0']);
  expect(versionsAmong(tags, ['latest']).map(String)).toEqual(['1.2.3-rc.1', '1.9.0', '1.10.0']);
  expect(versionsAmong(['1.2.3-slim', '1.2.3'], ['{version}-slim']).map(String)).toEqual(['1.2.3']);
  expect(versionsAmong(['3.0.0'], ['{major}.{minor}.{patch}']).map(String)).toEqual(['3.0.0']);
});

test.each([
  ['latest', '1.2.3', [], undefined],
  ['latest', '1.2.3', ['1.2.2', '1.3.0-rc.1'], undefined],
  ['latest', '0.2.9', ['0.3.0'], '0.3.0 is newer'],
  ['latest', '1.9.0', ['1.10.0'], '1.10.0 is newer'],
  ['{major}.{minor}', '0.2.9', ['0.3.0'], undefined],
  ['{major}.{minor}', '0.2.9', ['0.2.10'], '0.2.10 is newer'],
  ['{major}', '1.2.3', ['2.0.0', '1.2.2'], undefined],
  ['{major}', '1.2.3', ['2.0.0', '1.3.0'], '1.3.0 is newer'],
  ['{version}', '1.2.3', ['2.0.0'], undefined],
])('%s for %s beside %j', (template, version, existing, reason) => {
  const [tag] = renderTags([template], { name: 'a', version: new SemVer(version) });
  expect(
    tag &&
      whyKept(
        tag,
        new SemVer(version),
        existing.map((text) => new SemVer(text)),
      ),
  ).toBe(reason);
});

const number = fc.integer({ min: 0, max: 3 });
const stable = fc.tuple(number, number, number).map((parts) => parts.join('.'));
const anyVersion = fc.oneof(
  stable,
  fc.tuple(stable, number).map(([version, n]) => `${version}-rc.${n}`),
);

test('whatever the order of publishing, floating tags end at the newest stable version of their line', () => {
  fc.assert(
    fc.property(fc.uniqueArray(anyVersion, { minLength: 1, maxLength: 12 }), (versions) => {
      const registry = new Map<string, string>();
      for (const text of versions) {
        const version = new SemVer(text);
        const existing = versionsAmong(registry.keys(), ALL);
        for (const tag of renderTags(['{version}', '{major}.{minor}', '{major}', 'latest'], { name: 'a', version })) {
          if (whyKept(tag, version, existing) === undefined) registry.set(tag.tag, text);
        }
      }
      const newest = (inLine: (v: SemVer) => boolean): string | undefined =>
        versions
          .map((text) => new SemVer(text))
          .filter((v) => v.prerelease.length === 0 && inLine(v))
          .sort(compare)
          .at(-1)?.version;
      expect(registry.get('latest')).toBe(newest(() => true));
      for (const text of versions) {
        const { major, minor } = new SemVer(text);
        expect(registry.get(text)).toBe(text);
        expect(registry.get(`${major}`)).toBe(newest((v) => v.major === major));
        expect(registry.get(`${major}.${minor}`)).toBe(newest((v) => v.major === major && v.minor === minor));
      }
    }),
  );
});

test('a conflict names both digests', () => {
  const tag: RenderedTag = { tag: '1.2.3', kind: 'version', template: '{version}' };
  const error = tagConflict(`localhost:5000/a:${tag.tag}`, sha256('theirs'), sha256('ours'));
  expect(error).toMatchObject({ code: 'TAG_CONFLICT', exitCode: 1 });
  expect(error.message).toContain(sha256('theirs'));
  expect(error.message).toContain(sha256('ours'));
});
