import { type Digest, digestHex, sha256 } from '@baton/kernel';
import type { RetentionSection } from '@baton/manifest';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Judgement, judgeRepository } from './judge.ts';
import type { NameRules } from './tag-rules.ts';
import type { ManifestFacts } from './types.ts';

const DATE = '2026-11-20';
const digest = (name: string): Digest => sha256(name);

/** Judges tags that each have an image of their own, unless `images` names the image behind a tag. */
function judge(
  tags: readonly string[],
  policy: Partial<RetentionSection> = {},
  images: Record<string, string> = {},
  rules: Partial<NameRules> = {},
): Judgement {
  const facts = new Map<Digest, ManifestFacts>();
  const heads = new Map<string, Digest>();
  for (const tag of tags) {
    const name = images[tag] ?? tag;
    heads.set(tag, digest(name));
    facts.set(digest(name), { size: 1, children: [], blobs: [{ digest: digest(`layer ${name}`), size: 100 }] });
  }
  const full = { policy: { keepLast: 2, ...policy }, date: DATE, templates: ['{version}', 'latest'], ...rules };
  return judgeRepository({ tags: heads, manifests: facts }, full);
}

const goes = ({ tags }: Judgement): string[] => tags.filter(({ keep }) => !keep).map(({ tag }) => tag);
const why = ({ tags }: Judgement, tag: string): string => {
  const found = tags.find((one) => one.tag === tag);
  return `${found?.keep === true ? 'stays' : 'could go'}: ${found?.why}`;
};

describe('versions', () => {
  test('are kept by line, newest first as versions and not as text', () => {
    const judged = judge(['1.9.0', '1.10.0', '1.9.9', '1.9.10', '1.9.2', '2.0.0']);
    expect(judged.tags.map(({ tag }) => tag)).toEqual(['2.0.0', '1.10.0', '1.9.10', '1.9.9', '1.9.2', '1.9.0']);
    expect(goes(judged)).toEqual(['1.9.2', '1.9.0']);
    expect(why(judged, '1.9.10')).toBe('stays: one of the last 2 versions of 1.9');
    expect(why(judged, '1.9.2')).toBe('could go: 2 newer versions of 1.9');
    expect(why(judge(['1.0.0', '1.0.1'], { keepLast: 1 }), '1.0.1')).toBe('stays: the last version of 1.0');
    expect(why(judge(['1.0.0', '1.0.1'], { keepLast: 1 }), '1.0.0')).toBe('could go: 1 newer version of 1.0');
  });

  test('have candidates, which stay until their release is there, and only the newest of them', () => {
    const tags = ['1.2.0', '1.2.0-rc.1', '1.2.1-rc.1', '1.2.1-rc.2', '1.2.1-rc.10', '1.3.0-beta.1'];
    const judged = judge(tags);
    expect(goes(judged)).toEqual(['1.2.1-rc.1', '1.2.0-rc.1']);
    expect(why(judged, '1.2.0-rc.1')).toBe('could go: superseded by 1.2.0');
    expect(why(judged, '1.2.1-rc.1')).toBe('could go: 2 newer candidates of 1.2');
    expect(why(judged, '1.3.0-beta.1')).toBe('stays: one of the last 2 candidates of 1.3');
    // Candidates take no place of a release.
    expect(goes(judge(['1.0.0', '1.0.1', '1.0.2-rc.1', '1.0.2-rc.2']))).toEqual([]);
  });

  test('look as the templates of the manifest say', () => {
    const tags = ['v1.0.0', 'v1.0.1', 'v1.0.2', '1.0.0'];
    expect(goes(judge(tags, { keepLast: 1 }))).toEqual([]);
    expect(goes(judge(tags, { keepLast: 1 }, {}, { templates: ['v{version}'] }))).toEqual(['v1.0.1', 'v1.0.0']);
    const both = { templates: ['{version}', 'v{version}'] };
    expect(goes(judge([...tags, '1.0.1'], {}, {}, both))).toEqual(['1.0.0', 'v1.0.0']);
    const slim = { templates: ['{version}', '{version}-slim'] };
    expect(goes(judge(['1.0.0', '1.0.0-slim', '1.0.1', '1.0.1-slim'], { keepLast: 1 }, {}, slim))).toEqual([
      '1.0.0',
      '1.0.0-slim',
    ]);
  });
});

describe('rules for single tags', () => {
  const versions = ['1.0.0', '1.0.1', '1.0.2', '1.0.3'];

  test('a date keeps a tag on that day and not after it', () => {
    const keepUntil = { '1.0.0': DATE, '1.0.1': '2026-11-19', '1.0.3': '2027-01-01' };
    const judged = judge(versions, { keepUntil });
    expect(goes(judged)).toEqual(['1.0.1']);
    expect(why(judged, '1.0.0')).toBe(`stays: stays until ${DATE}`);
    expect(why(judged, '1.0.1')).toBe('could go: 2 newer versions of 1.0 (was to stay until 2026-11-19)');
  });

  test('never keeps what its patterns mean', () => {
    expect(goes(judge(versions, { never: ['1.0.0'] }))).toEqual(['1.0.1']);
    expect(goes(judge(versions, { never: ['1.*'] }))).toEqual([]);
    expect(why(judge(versions, { never: ['1.*'] }), '1.0.0')).toBe('stays: "1.*" never goes');
  });

  test('what is no version stays, unless the policy lets it go; latest and lines stay even then', () => {
    const tags = ['nightly', 'sha-0123', 'latest', '1', '1.2', 'stable', ...versions];
    const judged = judge(tags);
    expect(goes(judged)).toEqual(['1.0.1', '1.0.0']);
    expect(why(judged, 'sha-0123')).toBe('stays: is no version');
    const open = judge(tags, { mayGo: ['*'] }, {}, { templates: ['{version}', 'stable'] });
    expect(goes(open)).toEqual(['1.0.1', '1.0.0', 'nightly', 'sha-0123']);
    expect(why(open, '1.2')).toBe('stays: moves with what is published');
    expect(why(open, 'nightly')).toBe('could go: "*" may go');
  });
});

describe('what hangs together', () => {
  test('the tag of a commit follows the version that was made of it, and stays where there is none', () => {
    const commit = (n: number): string => `sha-${String(n).repeat(40)}`;
    const tags = ['1.0.0', '1.0.1', '1.0.2', commit(1), commit(2), commit(3), `${commit(4)}-dirty`, 'build-0123456'];
    const images = { '1.0.0': 'a', [commit(1)]: 'a', '1.0.2': 'b', [commit(2)]: 'b' };
    const judged = judge(tags, {}, images);
    expect(goes(judged)).toEqual(['1.0.0', commit(1)]);
    expect(why(judged, commit(1))).toBe('could go: is the commit of 1.0.0');
    expect(why(judged, commit(2))).toBe('stays: same image as 1.0.2');
    expect(why(judged, commit(3))).toBe('stays: is no version');
    // Other names are no commits, unless a template makes them.
    const other = { '1.0.0': 'a', 'build-0123456': 'a' };
    expect(goes(judge(tags, {}, other))).toEqual([]);
    const templates = { templates: ['{version}', 'build-{commit}'] };
    expect(goes(judge(tags, {}, other, templates))).toEqual(['1.0.0', 'build-0123456']);
    expect(goes(judge(tags, { never: ['sha-1*'] }, images))).toEqual([]);
  });

  test('tags of one image stay together: registries delete by digest', () => {
    const images = { '1.0.0': 'a', 'v6-fallback': 'a', 'sha-1': 'b', '1.0.3': 'b', 'sha-2': 'c' };
    const tags = ['1.0.0', '1.0.1', '1.0.2', '1.0.3', 'v6-fallback', 'sha-1', 'sha-2'];
    const judged = judge(tags, { mayGo: ['sha-*'] }, images);
    expect(goes(judged)).toEqual(['1.0.1', 'sha-2']);
    expect(why(judged, '1.0.0')).toBe('stays: same image as v6-fallback');
    expect(why(judged, 'sha-1')).toBe('stays: same image as 1.0.3');
    expect(judged.couldGo).toEqual({ tags: 2, images: 2, manifests: 2, bytes: 202 });
  });

  const signed = (subject: string): string => `sha256-${digestHex(digest(subject))}`;
  const indexed = (): Map<Digest, ManifestFacts> => {
    const image = (name: string, more: Partial<ManifestFacts> = {}): [Digest, ManifestFacts] => [
      digest(name),
      { size: 10, children: [], blobs: [{ digest: digest(`own ${name}`), size: 100 }, SHARED], ...more },
    ];
    const SHARED = { digest: digest('shared layer'), size: 5000 };
    return new Map([
      image('old', { children: [digest('old amd64'), digest('both')], blobs: [] }),
      image('old amd64'),
      image('both'),
      image('new', { children: [digest('both'), digest('new arm64')], blobs: [] }),
      image('new arm64'),
      image('old sbom', { subject: digest('old amd64') }),
      image('new sbom', { subject: digest('new') }),
      image('signature of old sbom', { subject: digest('old sbom') }),
      [digest('listing old'), { size: 1, children: [digest('old sbom')], blobs: [] }],
      [digest('listing new'), { size: 1, children: [digest('new sbom')], blobs: [] }],
      [digest('cosign'), { size: 1, children: [], blobs: [{ digest: digest('payload'), size: 7 }] }],
    ]);
  };
  const TAGS: [string, string][] = [
    ['1.0.0', 'old'],
    ['1.0.1', 'new'],
    ['amd64-pinned', 'both'],
    [signed('old amd64'), 'listing old'],
    [`${signed('old')}.sig`, 'cosign'],
    [signed('new'), 'listing new'],
    [`${signed('somewhere else')}.att`, 'stray'],
  ];
  const rules = { policy: { keepLast: 1, mayGo: ['amd64-*'] }, date: DATE, templates: ['{version}'] };
  const facts = (tags: readonly [string, string][]) => ({
    tags: new Map(tags.map(([tag, name]) => [tag, digest(name)])),
    manifests: indexed(),
  });

  test('a kept index keeps its images and what is attached to them; tags of these say so', () => {
    const judged = judgeRepository(facts(TAGS), rules);
    expect(goes(judged)).toEqual(['1.0.0', `${signed('old')}.sig`, signed('old amd64')].sort());
    expect(why(judged, 'amd64-pinned')).toBe('stays: part of 1.0.1');
    expect(why(judged, signed('new'))).toBe('stays: is about 1.0.1');
    expect(why(judged, signed('old amd64'))).toBe('could go: is about 1.0.0');
    expect(why(judged, `${signed('somewhere else')}.att`)).toBe('stays: what it is about has no tag here');
    const gone = ['old', 'old amd64', 'old sbom', 'signature of old sbom', 'listing old', 'cosign'];
    expect(new Set(judged.manifests.filter(({ keep }) => !keep).map((one) => one.digest))).toEqual(
      new Set(gone.map(digest)),
    );
    // Six documents; the layers of old amd64, its attestation and the signature; never the shared layer.
    expect(judged.couldGo).toEqual({ tags: 3, images: 1, manifests: 6, bytes: 10 * 4 + 2 + 100 * 3 + 7 });
  });

  test('shared layers are freed once, when the last image goes that has them', () => {
    const judged = judgeRepository(facts([['1.0.0', 'old']]), { ...rules, date: DATE });
    expect(judged.couldGo).toMatchObject({ tags: 0, bytes: 0 });
    const all = judgeRepository(
      facts([
        ['sha-1', 'old'],
        ['sha-2', 'new'],
      ]),
      {
        ...rules,
        policy: { keepLast: 1, mayGo: ['sha-*'] },
      },
    );
    const own = ['old amd64', 'both', 'new arm64', 'old sbom', 'new sbom', 'signature of old sbom'].length;
    expect(all.couldGo.bytes).toBe(8 * 10 + own * 100 + 5000);
  });

  test('a tag that the registry lists and cannot resolve is left alone', () => {
    const judged = judgeRepository({ tags: new Map([['1.0.0', undefined]]), manifests: new Map() }, rules);
    expect(why(judged, '1.0.0')).toBe('stays: is listed, but names nothing');
    expect(judged.couldGo.tags).toBe(0);
  });
});

/** Any repository: manifests that lead to later ones, some about others, under tags of every kind. */
const repository = fc
  .integer({ min: 1, max: 14 })
  .chain((count) => {
    const one = fc.nat(count - 1);
    const manifest = fc.record({
      children: fc.array(one, { maxLength: 3 }),
      blobs: fc.array(fc.nat(8), { maxLength: 3 }),
      subject: fc.option(one, { nil: undefined }),
    });
    const name = fc.oneof(
      fc.tuple(fc.nat(1), fc.nat(1), fc.nat(5)).map((parts) => parts.join('.')),
      fc.tuple(fc.nat(1), fc.nat(3)).map(([minor, n]) => `1.${minor}.0-rc.${n}`),
      fc.constantFrom('latest', '1.0', 'sha-1', 'sha-2', `sha-${'a'.repeat(40)}`, 'sha-bbbbbbb', 'other', 'lts-1'),
      one.map((n) => `sha256-${digestHex(digest(`m${n}`))}`),
      one.map((n) => `sha256-${digestHex(digest(`m${n}`))}.sig`),
    );
    const tags = fc.uniqueArray(fc.tuple(name, one), { selector: ([tag]) => tag, maxLength: 16 });
    return fc.record({ manifests: fc.array(manifest, { minLength: count, maxLength: count }), tags });
  })
  .map(({ manifests, tags }) => ({
    tags: tags.map(([tag, n]): [string, Digest] => [tag, digest(`m${n}`)]),
    manifests: manifests.map(({ children, blobs, subject }, n): [Digest, ManifestFacts] => [
      digest(`m${n}`),
      {
        size: 1,
        children: children.filter((child) => child > n).map((child) => digest(`m${child}`)),
        blobs: [...new Set(blobs)].map((b) => ({ digest: digest(`b${b}`), size: 10 ** b })),
        subject: subject === undefined || subject === n ? undefined : digest(`m${subject}`),
      },
    ]),
  }));

const policies: fc.Arbitrary<RetentionSection> = fc.record({
  keepLast: fc.integer({ min: 1, max: 3 }),
  never: fc.constantFrom<string[]>([], ['lts-*'], ['1.0.*']),
  mayGo: fc.constantFrom<string[]>([], ['sha-*'], ['*']),
  keepUntil: fc.constantFrom<Record<string, string>>(
    {},
    { '1.0.0': DATE },
    { '1.0.0': '2026-01-01', '0.0.1': '2030-01-01' },
  ),
});

test('nothing that a kept tag leads to could ever go, and nothing depends on the order of what is read', () => {
  fc.assert(
    fc.property(repository, policies, fc.infiniteStream(fc.nat()), ({ tags, manifests }, policy, random) => {
      const rules = { policy, date: DATE, templates: ['{version}'] };
      const known = new Map(manifests);
      const judged = judgeRepository({ tags: new Map(tags), manifests: known }, rules);

      // By hand, and forwards only: images of indexes, what is attached, and what is attached to that.
      const kept = new Set(judged.tags.filter(({ keep }) => keep).map((one) => one.digest));
      for (let size = -1; size !== kept.size; ) {
        size = kept.size;
        for (const [at, { children, subject }] of manifests) {
          if (kept.has(at)) for (const child of children) kept.add(child);
          if (subject !== undefined && kept.has(subject)) kept.add(at);
        }
      }
      const going = new Set(judged.manifests.filter(({ keep }) => !keep).map((one) => one.digest));
      for (const one of going) expect(kept.has(one)).toBe(false);
      for (const tag of judged.tags) expect(going.has(tag.digest as Digest)).toBe(!tag.keep);
      expect(judged.tags).toHaveLength(tags.length);

      // What is counted as freed is used by nothing else that is known.
      const used = new Set(
        [...known].filter(([at]) => !going.has(at)).flatMap(([, m]) => m.blobs.map((b) => b.digest)),
      );
      const freed = new Map([...going].flatMap((at) => (known.get(at)?.blobs ?? []).map((b) => [b.digest, b.size])));
      const bytes = [...freed].reduce((sum, [blob, size]) => sum + (used.has(blob) ? 0 : size), going.size);
      expect(judged.couldGo.bytes).toBe(bytes);

      const key = new Map<unknown, number>();
      const shuffled = <T>(items: readonly T[]): T[] => {
        for (const item of items) key.set(item, random.next().value ?? 0);
        return [...items].sort((a, b) => (key.get(a) ?? 0) - (key.get(b) ?? 0));
      };
      const again = { tags: new Map(shuffled(tags)), manifests: new Map(shuffled(manifests)) };
      expect(judgeRepository(again, rules)).toEqual(judged);
    }),
    { numRuns: 500 },
  );
});
