import { expect, test } from 'vitest';
import { runScans } from './run-scans.ts';
import { type TestCutover, testContext } from './test-context.ts';

async function deadPaths(cutover: TestCutover, except: { path: string; reference: string; reason: string }[] = []) {
  const [result] = await runScans(await testContext(cutover), [{ 'dead-paths': { except } }]);
  if (result === undefined) throw new Error('no result');
  return result;
}

const shown = (result: Awaited<ReturnType<typeof deadPaths>>) =>
  result.findings.map(({ path, line, text, what }) => `${path}:${line} ${text} (${what.split(':')[0]})`);

const workflow = `on:
  push:
    paths:
      - 'agent/**'
      - '!agent/go/**'
      - "tools?/**"
  pull_request:
    paths-ignore: [docs/**]
defaults:
  run:
    working-directory: agent/go
jobs:
  build:
    steps:
      - uses: ./.github/actions/setup
      - uses: actions/setup-go@v5
        with:
          go-version-file: agent/go/go.mod
          cache-dependency-path: |
            agent/go/go.sum
            other/*.sum
      - uses: dorny/paths-filter@v3
        with:
          filters: |
            agent: &agent
              - 'agent/go/**'
            both:
              - *agent
              - added|modified: 'docs/**'
      - run: |
          make -C ../go vet   # stays
          (cd cmd && go vet .)
          docker build -f ../../containers/agent-go.Dockerfile -t x:1 .
          cd /tmp && cd nowhere
      - run: echo \${{ hashFiles('agent/go/go.sum', '**/none.lock') }}
        working-directory: agent
`;

const before = {
  '.github/workflows/go.yaml': workflow,
  '.github/actions/setup/action.yml': 'runs: {using: composite, steps: []}\n',
  'agent/go/go.mod': 'module x',
  'agent/go/go.sum': '',
  'agent/go/cmd/main.go': 'package main',
  'agent/go/Makefile': 'all:\n\tcd ../../scripts && ./x.sh\n\t$(MAKE) -C $(DIR)\n',
  'agent/old.py': 'x',
  'scripts/x.sh': '#!/bin/sh\ncd agent/go\nkubectl apply -f deploy.yaml\n',
  'containers/agent-go.Dockerfile':
    'FROM scratch\nCOPY go.mod go.sum ./\nCOPY --from=b /x /y\nADD cmd/ $X https://x.example/y /\n',
  'other/a.sum': '',
  'tools/x': '',
  'docs/x.md': '',
  CODEOWNERS: '# owners\n/agent/go/ @a\n*.py @b\nagent/old.py @c\n* @d\n',
  '.github/dependabot.yml':
    'updates:\n  - package-ecosystem: gomod\n    directory: /agent/go\n  - directories: ["/agent/*"]\n',
  'renovate.json5': '{\n  // bots\n  packageRules: [{ matchFileNames: ["agent/go/**", "/^x/"] }],\n}\n',
  '.gitmodules': '[submodule "x"]\n\tpath = third/x\n',
};

test('a tree in order has nothing dead, and what was dead before is no error', async () => {
  const result = await deadPaths({ before, after: before });
  expect(shown(result)).toEqual([]);
  expect(result.allowed.map(({ text }) => text).sort()).toEqual(['**/none.lock', 'deploy.yaml', 'third/x']);
});

test('every place that names the old layout is found after the flatten', async () => {
  const after: Record<string, string> = {};
  const moves: Record<string, string> = {};
  for (const [path, text] of Object.entries(before)) {
    if (path === 'agent/old.py') continue;
    const to = path.replace(/^agent\/go\//, 'agent/');
    after[to] = text;
    if (to !== path) moves[path] = to;
  }
  expect(shown(await deadPaths({ before, after, moves }))).toEqual([
    '.github/dependabot.yml:3 /agent/go (dependabot directory)',
    '.github/workflows/go.yaml:5 !agent/go/** (paths filter)',
    '.github/workflows/go.yaml:11 agent/go (working-directory)',
    '.github/workflows/go.yaml:18 agent/go/go.mod (go-version-file)',
    '.github/workflows/go.yaml:20 agent/go/go.sum (cache-dependency-path)',
    '.github/workflows/go.yaml:26 agent/go/** (paths filter)',
    '.github/workflows/go.yaml:31 ../go (-C)',
    '.github/workflows/go.yaml:32 cmd (cd)',
    '.github/workflows/go.yaml:33 . (build context)',
    '.github/workflows/go.yaml:35 agent/go/go.sum (hashFiles)',
    'CODEOWNERS:2 /agent/go/ (CODEOWNERS pattern)',
    'CODEOWNERS:3 *.py (CODEOWNERS pattern)',
    'CODEOWNERS:4 agent/old.py (CODEOWNERS pattern)',
    'agent/Makefile:2 ../../scripts (cd)',
    'agent/Makefile:2 ./x.sh (command)',
    'containers/agent-go.Dockerfile:2 go.mod (COPY source)',
    'containers/agent-go.Dockerfile:2 go.sum (COPY source)',
    'containers/agent-go.Dockerfile:4 cmd/ (ADD source)',
    'renovate.json5:3 agent/go/** (matchFileNames)',
    'scripts/x.sh:2 agent/go (cd)',
    'scripts/x.sh:3 deploy.yaml (-f)',
  ]);
});

test('without a declared context a COPY source may be beside the Dockerfile or at the root', async () => {
  const files = {
    'c/Dockerfile': 'FROM scratch\nCOPY beside.txt root.txt none.txt /\n',
    'c/beside.txt': '',
    'root.txt': '',
  };
  const result = await deadPaths({ before: { 'x.txt': '' }, after: files });
  expect(shown(result)).toEqual(['c/Dockerfile:2 none.txt (COPY source)']);
  const reasons = [{ path: 'c/Dockerfile', reference: 'none.txt', reason: 'built before' }];
  expect(await deadPaths({ before: { 'x.txt': '' }, after: files }, reasons)).toMatchObject({ state: 'passed' });
});

test('a declared context counts alone', async () => {
  const files = {
    'c/Dockerfile': 'FROM scratch\nCOPY beside.txt /\n',
    'c/beside.txt': '',
    Makefile:
      'FILE := c/Dockerfile\nimage:\n\tdocker build --build-arg A=1 \\\n\t  -f $(FILE) $(DOCKER_BUILD_ARGS) -t x .\n',
  };
  expect(shown(await deadPaths({ before: { 'x.txt': '' }, after: files }))).toEqual([
    'c/Dockerfile:2 beside.txt (COPY source)',
  ]);
});

test('files that are not what their names say are left alone', async () => {
  const odd = {
    '.github/workflows/x.yml': 'on: [\n\t- {{',
    Dockerfile: '\0',
    'renovate.json': '{',
    Makefile: Buffer.from([0xff, 0xfe, 0x0a, 0x09, 0x63, 0x64]),
    'a.sh': `cd "unclosed\n${'$('.repeat(5000)}`,
    '.github/dependabot.yml': '- 1',
  };
  expect((await deadPaths({ before: odd, after: odd })).findings).toEqual([]);
});
