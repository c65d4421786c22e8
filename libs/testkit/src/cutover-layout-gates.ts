import { does, human, type LayoutBuilder, stays } from './cutover-layout-file.ts';

/** The analyser: an entry for the old language. */
export function analysis(layout: LayoutBuilder): void {
  const { nested, component, newTools } = layout.names;
  layout.text('.github/workflows/codeql.yaml', [
    human(
      `# Looks into the component: ${newTools.language} and Python.`,
      `# Looks into the component: ${newTools.language}.`,
      'prose of a comment',
    ),
    'name: codeql',
    'on: { push: { branches: [main] } }',
    'jobs:',
    '  analyze:',
    '    runs-on: ubuntu-24.04',
    '    strategy:',
    '      matrix:',
    '        language:',
    `          - ${newTools.codeql}`,
    does('yl', '          - python', null),
    '    steps:',
    '      - uses: actions/checkout@v6',
    does('tx', `      - run: cd ${nested} && make build`, `- run: cd ${component} && make build`),
    '      - uses: github/codeql-action/analyze@v4',
  ]);
}

/** Paths in a block scalar. */
export function gate(layout: LayoutBuilder, listed: boolean): void {
  const { nested, component, dockerfiles, short } = layout.names;
  layout.text('.github/workflows/merge-gate.yaml', [
    'name: merge-gate',
    'on: { pull_request: {} }',
    'jobs:',
    '  changes:',
    '    runs-on: ubuntu-24.04',
    '    steps:',
    '      - uses: dorny/paths-filter@v4',
    '        with:',
    '          filters: |',
    `            ${short}:`,
    stays(`              - '${component}/**'`, 'stays right'),
    does('ye', `              - '!${nested}/**'`, null),
    stays(`              - '${dockerfiles.old}'`, 'stays right'),
    ...(listed
      ? ['            build:', does('ye', `              - '${nested}/Makefile'`, `- '${component}/Makefile'`)]
      : []),
    '            operator:',
    "              - 'operator/**'",
  ]);
}

/** The pipeline of another forge. */
export function gitlab(layout: LayoutBuilder): void {
  const { nested, component, short, registry, owner } = layout.names;
  layout.text('.gitlab-ci.yml', [
    'stages: [test, mirror]',
    'variables:',
    human('  PIP_INDEX_URL: https://packages.example.com/simple', null, 'credentials that only the old build used'),
    'test:',
    '  stage: test',
    `  script: [make test]`,
    '  rules:',
    '    - changes:',
    does('yl', `        - ${nested}/**/*`, `- ${component}/**/*`),
    'mirror:',
    '  stage: mirror',
    stays(`  script: [mirror ${registry}/${owner}/${short}]`, 'the released image'),
  ]);
}
