import type { ReadStatement } from '@baton/evidence';
import { statement, statementBytes } from '@baton/evidence';
import { sha256 } from '@baton/kernel';
import { describe, expect, test } from 'vitest';
import { BUILD_TYPE, builderOf, LOCAL_BUILDER, provenanceOf } from './provenance.ts';

const HEX = 'a'.repeat(64);
const COMMIT = 'c'.repeat(40);
const ACTIONS = {
  GITHUB_ACTIONS: 'true',
  GITHUB_SERVER_URL: 'https://github.com',
  GITHUB_REPOSITORY: 'acme/agent',
  GITHUB_WORKFLOW_REF: 'acme/agent/.github/workflows/release.yml@refs/tags/v1.2.3',
  GITHUB_RUN_ID: '77',
};

function built(revision: string | undefined = COMMIT): ReadStatement {
  const made = statement('image', {
    subject: [{ name: 'agent', digest: { sha256: HEX } }],
    tool: { name: 'baton', version: '0.1.0' },
    materials: [
      { name: 'npm:@scope/p@1.0.0', digest: { sha512: HEX + HEX }, role: 'npm' },
      { name: 'debian:libc6@2.36-9+deb12u1?arch=amd64', digest: { sha256: HEX }, role: 'debian' },
      { name: 'agent.yaml', digest: { sha256: HEX }, role: 'manifest' },
    ],
    result: 'built',
    image: { base: 'scratch', revision, version: '1.2.3', epoch: 7, platforms: [{ platform: 'linux/amd64' }] },
  });
  const bytes = statementBytes(made);
  return { path: 'image.json', statement: made, bytes, digest: sha256(bytes), signature: 'unsigned' };
}

test('says what was asked for, what went in, and who built', () => {
  const read = built();
  expect(provenanceOf(read, {})).toEqual({
    buildDefinition: {
      buildType: BUILD_TYPE,
      externalParameters: {
        manifest: { name: 'agent.yaml', digest: { sha256: HEX } },
        base: 'scratch',
        platforms: ['linux/amd64'],
        options: { version: '1.2.3', sourceDateEpoch: 7 },
      },
      internalParameters: { tool: { name: 'baton', version: '0.1.0' }, statement: read.digest },
      resolvedDependencies: [
        { name: 'source', digest: { gitCommit: COMMIT }, annotations: { role: 'source' } },
        {
          uri: 'pkg:deb/debian/libc6@2.36-9%2Bdeb12u1?arch=amd64',
          name: 'debian:libc6@2.36-9+deb12u1?arch=amd64',
          digest: { sha256: HEX },
          annotations: { role: 'debian' },
        },
        { name: 'agent.yaml', digest: { sha256: HEX }, annotations: { role: 'manifest' } },
        {
          uri: 'pkg:npm/%40scope/p@1.0.0',
          name: 'npm:@scope/p@1.0.0',
          digest: { sha512: HEX + HEX },
          annotations: { role: 'npm' },
        },
      ],
    },
    runDetails: { builder: { id: LOCAL_BUILDER, version: { baton: expect.any(String) } } },
  });
});

test('an unclean tree is said', () => {
  const text = JSON.stringify(provenanceOf(built(`${COMMIT}-dirty`), {}));
  expect(text).toContain('"dirty":true');
  expect(text).not.toContain('-dirty');
});

describe('in GitHub Actions', () => {
  test('the workflow is the builder and the repository the source, and no run is named', () => {
    const text = JSON.stringify(provenanceOf(built(), ACTIONS));
    expect(text).toContain('"id":"https://github.com/acme/agent/.github/workflows/release.yml@refs/tags/v1.2.3"');
    expect(text).toContain('"uri":"git+https://github.com/acme/agent"');
    expect(text).not.toContain('77"');
  });

  test.each([
    ['not in Actions', { ...ACTIONS, GITHUB_ACTIONS: 'false' }],
    ['a server that is no place', { ...ACTIONS, GITHUB_SERVER_URL: 'https://user:secret@github.com' }],
    ['a workflow that is none', { ...ACTIONS, GITHUB_WORKFLOW_REF: 'x\ny' }],
  ])('%s: the builder is a machine of somebody', (_, env) => {
    expect(builderOf(env)).toBe(LOCAL_BUILDER);
    expect(JSON.stringify(provenanceOf(built(), env))).not.toContain('secret');
  });
});
