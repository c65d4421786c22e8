import { expect, test } from 'vitest';
import type { Criterion } from '../model/manifest.ts';
import { type TestCutover, testContext } from '../scan/test-context.ts';
import { checkParity } from './check-parity.ts';

type Settings = Extract<Criterion, { parity: unknown }>['parity'];

async function parity(cutover: TestCutover, settings: Settings) {
  return await checkParity(await testContext(cutover), settings);
}

const losses = (result: { lines?: readonly string[] }): string[] =>
  (result.lines ?? []).filter((line) => line.startsWith('- ')).map((line) => line.slice(2));

const oldWorkflow = `name: agent
on:
  push:
    branches: [main]
    tags: ["agent/*"]
    paths: ["agent/**", ".github/workflows/agent-ci.yaml"]
  pull_request:
    branches: ["release/v1"]
    paths: ["agent/**"]
  schedule: [{ cron: "0 3 * * 1" }]
  workflow_dispatch:
    inputs: { version: { type: string } }
permissions: { contents: read, packages: read }
concurrency: ci
env: { IMAGE: ghcr.io/acme/agent }
jobs:
  ci-gate:
    name: CI gate
    runs-on: x
    steps: [{ run: echo }]
  publish:
    environment: production
    permissions: { packages: write, id-token: write, attestations: write }
    outputs: { digest: x }
    steps:
      - uses: docker/metadata-action@v5
        with:
          images: \${{ env.IMAGE }}
          tags: |
            type=semver,pattern={{version}}
            type=raw,value=latest
      - uses: docker/build-push-action@v6
        with: { push: true, platforms: "linux/amd64,linux/arm64", provenance: true }
      - uses: sigstore/cosign-installer@v3
      - run: |
          docker push "$IMAGE:edge"
          cosign sign --yes "$IMAGE@$DIGEST"
        env: { TOKEN: "\${{ secrets.REGISTRY_TOKEN }}" }
      - uses: actions/attest-build-provenance@v2
`;

const newWorkflow = `name: agent
on:
  push:
    branches: ["**"]
    paths: ["agent/cmd/**", ".github/workflows/agent-ci.yaml"]
  pull_request:
    branches: ["release/*"]
    paths: ["agent/**"]
permissions: { contents: write }
concurrency: { group: go }
jobs:
  gate: { name: CI gate, steps: [{ run: echo }] }
`;

test('a renamed new workflow has lost what the old one published, signed and was allowed', async () => {
  const before = {
    '.github/workflows/agent-ci.yaml': oldWorkflow,
    '.github/workflows/go.yaml': newWorkflow,
    'agent/go/cmd/x': '',
    'agent/go/y': '',
    'agent/old': '',
  };
  const after = { '.github/workflows/agent-ci.yaml': newWorkflow, 'agent/cmd/x': '', 'agent/y': '' };
  const moves = {
    '.github/workflows/go.yaml': '.github/workflows/agent-ci.yaml',
    'agent/go/cmd/x': 'agent/cmd/x',
    'agent/go/y': 'agent/y',
  };
  const path = '.github/workflows/agent-ci.yaml';
  const result = await parity({ before, after, moves }, { kind: 'workflow', old: path, new: path });
  expect(result.state).toBe('failed');
  expect(losses(result)).toEqual([
    'permission packages: read',
    'job ci-gate',
    'job publish',
    'check publish',
    'permission packages: write',
    'permission id-token: write',
    'permission attestations: write',
    'environment production',
    'output digest',
    'image ghcr.io/acme/agent',
    'tag type=semver,pattern={{version}}',
    'tag type=raw,value=latest',
    'push true',
    'platform linux/amd64',
    'platform linux/arm64',
    'attestation build-push provenance',
    'signing sigstore/cosign-installer',
    'tag edge',
    'signing cosign sign',
    'attestation actions/attest-build-provenance',
    'secret REGISTRY_TOKEN',
    'trigger push tag agent/*',
    'trigger schedule',
    'trigger schedule cron 0 3 * * 1',
    'trigger workflow_dispatch',
    'trigger workflow_dispatch input version',
    'trigger push path agent/**',
  ]);
  // What is there under another form is not lost: a wider branch, a higher permission, the gate's name.
  expect(result.lines).toContain('= trigger push branch main');
  expect(result.lines).toContain('= permission contents: read');
  expect(result.lines).toContain('= check CI gate');
});

test('the same workflow loses nothing, but its name when it is renamed', async () => {
  const before = { '.github/workflows/a.yaml': oldWorkflow, 'agent/x': '' };
  const result = await parity(
    { before, after: { '.github/workflows/b.yaml': oldWorkflow, 'agent/x': '' } },
    { kind: 'workflow', old: '.github/workflows/a.yaml', new: '.github/workflows/b.yaml' },
  );
  expect(losses(result)).toEqual(['file .github/workflows/a.yaml']);
});

test('a declared loss passes, one that is none fails', async () => {
  const files = { before: { 'a.yaml': 'on: [push]\njobs: {a: {}}' }, after: { 'a.yaml': 'on: push\njobs: {b: {}}' } };
  const settings = { kind: 'workflow', old: 'a.yaml', new: 'a.yaml' } as const;
  expect(await parity(files, settings)).toMatchObject({
    state: 'failed',
    detail: 'a.yaml lacks what a.yaml had: job a and 1 more',
  });
  const declared = [
    { what: 'job a', reason: 'r' },
    { what: 'check a', reason: 'r' },
  ];
  expect(await parity(files, { ...settings, losses: declared })).toMatchObject({ state: 'passed' });
  const more = [...declared, { what: 'secret X', reason: 'r' }];
  expect(await parity(files, { ...settings, losses: more })).toMatchObject({
    state: 'failed',
    detail: 'declared as lost, and is not: secret X',
  });
});

test('images are compared by what their last stage is, with the stages it stands on', async () => {
  const old = `ARG BASE
FROM golang AS build
ARG VERSION
FROM debian AS base
USER 0:0
LABEL title=agent
FROM base
WORKDIR /w
ENV A=1
EXPOSE 8080/tcp
VOLUME /data
ENTRYPOINT ["/agent"]
`;
  const now =
    'ARG VERSION\nFROM golang AS compile\nFROM scratch\nLABEL title=agent\nUSER 65532\nENTRYPOINT ["/agent"]\nCMD ["run"]\n';
  const files = { Makefile: 'x:\n\tdocker build --target build .\n' };
  const result = await parity(
    { before: { D: old, ...files }, after: { D: now, ...files } },
    { kind: 'dockerfile', old: 'D', new: 'D' },
  );
  expect(losses(result)).toEqual([
    'user 0:0',
    'workdir /w',
    'env A=1',
    'port 8080/tcp',
    'volume /data',
    'arg BASE',
    'stage build',
  ]);
  expect(result.lines).toContain('+ cmd ["run"]');
  expect(result.lines).toContain('= label title=agent');
});

test('targets that others call must be there and stay phony; the rest may go', async () => {
  const callers = {
    Makefile: 'all:\n\t$(MAKE) -C agent build test\n',
    '.github/workflows/x.yml': 'jobs: {a: {steps: [{run: "make fmt gen-x", working-directory: agent}]}}',
    'hack/run.sh': 'cd agent && make clean V=1\n',
    'agent/gen.mk': 'gen-%:\n\ttouch $@\n',
  };
  const old = '.PHONY: build test fmt clean unused\nbuild test fmt clean unused:\n\techo\ninclude gen.mk\n';
  const now = '.PHONY: build\nbuild: dep\ntest:\n\techo\nclean:\n\trm x\n-include gen.mk\n';
  const result = await parity(
    { before: { ...callers, 'agent/Makefile': old }, after: { ...callers, 'agent/Makefile': now } },
    { kind: 'makefile', old: 'agent/Makefile', new: 'agent/Makefile' },
  );
  expect(losses(result).sort()).toEqual(['phony clean', 'phony fmt', 'phony test', 'target fmt']);
});

test('a file that is not there, or is not what it should be, fails and says so', async () => {
  const files = { before: { D: 'x' }, after: { D: 'FROM x' } };
  expect(await parity(files, { kind: 'dockerfile', old: 'E', new: 'D' })).toEqual({
    state: 'failed',
    detail: 'expected E in the input tree, found nothing there',
  });
  expect(await parity(files, { kind: 'dockerfile', old: 'D', new: 'D' })).toMatchObject({ state: 'failed' });
});

test('a lower permission is a loss, a higher or wider one is not', async () => {
  const given = async (old: string, now: string): Promise<string[]> =>
    losses(
      await parity(
        { before: { w: `permissions: ${old}\n` }, after: { w: `permissions: ${now}\n` } },
        { kind: 'workflow', old: 'w', new: 'w' },
      ),
    );
  expect(await given('{ packages: write }', '{ packages: read }')).toEqual(['permission packages: write']);
  expect(await given('{ packages: write, contents: none }', 'read-all')).toEqual(['permission packages: write']);
  expect(await given('{ packages: read, contents: write }', 'write-all')).toEqual([]);
});
