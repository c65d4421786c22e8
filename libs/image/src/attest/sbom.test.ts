import { canonicalJson, type Digest, sha256 } from '@baton/kernel';
import { parsePlatform } from '@baton/oci';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { DebianPackage } from './dpkg-database.ts';
import { type SbomFacts, type SbomLayer, sbomOf } from './sbom.ts';
import { plain } from './spdx.ts';
import { spdxProblems } from './spdx-checks.fixture.ts';

const INTEGRITY = `sha512-${Buffer.alloc(64, 1).toString('base64')}`;

function layer(title: string | undefined, packages?: DebianPackage[], origin: 'base' | 'own' = 'own'): SbomLayer {
  const databases = packages === undefined ? undefined : { 'var/lib/dpkg/status': packages };
  return {
    digest: sha256(`${title}${JSON.stringify(packages)}`),
    title,
    origin,
    facts: databases && { databases, systems: { 'etc/os-release': { id: 'debian', version: '12' } }, gone: [] },
  };
}

function facts(changes: Partial<SbomFacts> = {}): SbomFacts {
  return {
    name: 'agent',
    version: '1.2.3',
    licenses: 'Apache-2.0',
    revision: 'c'.repeat(40),
    platform: parsePlatform('linux/amd64'),
    manifest: sha256('manifest'),
    created: '1970-01-01T00:00:00Z',
    layers: [
      layer(
        'debian 2 packages (linux/amd64)',
        [{ name: 'libc6', version: '2.36-9', architecture: 'amd64', source: 'glibc' }],
        'base',
      ),
      layer('npm @scope/tool@1.0.0 bin -> /opt'),
      layer('files dist/bundle -> /app'),
    ],
    base: { name: 'registry.example/base:1', digest: sha256('base') },
    bundle: {
      packages: [
        { name: 'zod', version: '4.0.0', license: 'MIT', integrity: INTEGRITY },
        { name: 'odd', license: 'SEE LICENSE IN FILE' },
      ],
    },
    holdsBundle: ({ title }) => title?.startsWith('files dist/bundle') === true,
    integrityOf: (id) => (id === '@scope/tool@1.0.0' ? INTEGRITY : undefined),
    ...changes,
  };
}

describe('the list of what is in an image', () => {
  const document = sbomOf(facts());
  const named = (name: string) => document.packages.find((item) => item.name === name);

  test('holds the rules of SPDX 2.3', () => {
    expect(spdxProblems(document)).toEqual([]);
  });

  test('has the image, its source, its base, its layers and the packages in them', () => {
    expect(document.packages.map(({ name }) => name).sort()).toEqual([
      '@scope/tool',
      'agent',
      'agent source',
      'debian 2 packages (linux/amd64)',
      'files dist/bundle -> /app',
      'libc6',
      'npm @scope/tool@1.0.0 bin -> /opt',
      'odd',
      'registry.example/base:1',
      'zod',
    ]);
    expect(named('zod')).toMatchObject({
      versionInfo: '4.0.0',
      licenseDeclared: 'MIT',
      checksums: [{ algorithm: 'SHA512', checksumValue: '01'.repeat(64) }],
      externalRefs: [{ referenceLocator: 'pkg:npm/zod@4.0.0' }],
    });
    expect(named('libc6')).toMatchObject({
      externalRefs: [{ referenceLocator: 'pkg:deb/debian/libc6@2.36-9?arch=amd64&distro=debian-12' }],
      sourceInfo: 'built from the source package glibc',
    });
    expect(named('@scope/tool')?.checksums).toHaveLength(1);
  });

  test('says what it does not know', () => {
    expect(named('odd')).toMatchObject({
      licenseDeclared: 'NOASSERTION',
      licenseComments: 'package.json says "SEE LICENSE IN FILE"',
      comment: expect.stringContaining('version is not known'),
    });
    const unknown = sbomOf(
      facts({
        bundle: { packages: [], unknown: 'no metafile' },
        layers: [layer('files dist/bundle -> /app'), layer(undefined)],
      }),
    );
    expect(spdxProblems(unknown)).toEqual([]);
    const said = unknown.relationships.filter(({ relatedSpdxElement }) => relatedSpdxElement === 'NOASSERTION');
    expect(said.map(({ comment }) => comment).sort()).toEqual([
      'there is no package database that is known here (dpkg), so the content is not listed',
      'which npm packages are in the bundle is not known: no metafile',
    ]);
  });

  test('a bundle that went to a Dockerfile is said to be what the image is made from', () => {
    const engine = sbomOf(
      facts({ base: undefined, bundleForSteps: true, holdsBundle: () => false, layers: [layer(undefined, [])] }),
    );
    expect(spdxProblems(engine)).toEqual([]);
    const from = engine.relationships.filter(({ relationshipType }) => relationshipType === 'GENERATED_FROM');
    expect(from.map(({ comment }) => comment === undefined)).toEqual([false, false, true]);
  });

  test('a layer that could not be read is said', () => {
    const unreadable = { databases: {}, systems: {}, gone: [], unreadable: 'a broken archive' };
    const broken = sbomOf(facts({ layers: [{ ...layer(undefined), facts: unreadable }] }));
    expect(spdxProblems(broken)).toEqual([]);
    expect(JSON.stringify(broken)).toContain('the layer could not be read: a broken archive');
  });
});

test('any names and versions give a document that holds the rules, the same each time', () => {
  const text = fc.string({ unit: 'binary', minLength: 1, maxLength: 30 });
  const line = text.map((value) => value.replace(/[\r\n]/g, '_'));
  const word = fc.stringMatching(/^[a-z0-9][a-z0-9.+~:_-]{0,20}$/);
  const debian = fc.record({ name: word, version: word, architecture: fc.constantFrom('amd64', 'all') });
  const npm = fc.record({
    name: word,
    version: fc.option(word, { nil: undefined }),
    license: fc.option(text, { nil: undefined }),
  });
  const made = fc.record({
    name: line,
    version: fc.option(line, { nil: undefined }),
    licenses: fc.option(text, { nil: undefined }),
    layers: fc.array(fc.tuple(fc.option(line, { nil: undefined }), fc.array(debian)), { minLength: 1 }),
    packages: fc.array(npm),
  });
  fc.assert(
    fc.property(made, ({ name, version, licenses, layers, packages }) => {
      const changes = {
        name,
        version,
        licenses,
        layers: layers.map(([title, items]) => layer(title, items)),
        bundle: { packages },
        holdsBundle: () => true,
      };
      const document = sbomOf(facts(changes));
      expect(spdxProblems(document)).toEqual([]);
      const again = sbomOf(facts({ ...changes, bundle: { packages: [...packages].reverse() } }));
      expect(canonicalJson(plain(again)).equals(canonicalJson(plain(document)))).toBe(true);
    }),
  );
});

test('two documents have one namespace only when they say the same', () => {
  const spaces = [facts(), facts({ version: '1.2.4' }), facts({ manifest: sha256('other') as Digest }), facts()].map(
    (each) => sbomOf(each).documentNamespace,
  );
  expect(new Set(spaces).size).toBe(3);
  expect(spaces[0]).toBe(spaces[3]);
});
