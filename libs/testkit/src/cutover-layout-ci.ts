import { does, human, type LayoutBuilder, type Line, stays } from './cutover-layout-file.ts';
import { analysis, gate, gitlab } from './cutover-layout-gates.ts';
import type { Choices } from './cutover-layout-names.ts';

/** Images and workflows: the pairs, and those that only look as if they belonged. */
export function addContinuousIntegration(layout: LayoutBuilder, random: Choices): void {
  images(layout);
  const jobs = random.chance(0.5);
  oldWorkflow(layout, jobs);
  newWorkflow(layout, jobs, random.chance(0.5));
  neighbours(layout);
  analysis(layout);
  gate(layout, random.chance(0.5));
  gitlab(layout);
}

function images(layout: LayoutBuilder): void {
  const { dockerfiles, nested, component, newTools, oldTools, beside, product, short } = layout.names;
  layout.text(dockerfiles.old, [
    '# Context: the directory of the component.',
    'ARG PYTHON_VERSION=3.11',
    `FROM docker.io/library/python:\${PYTHON_VERSION} AS builder`,
    'COPY . /code',
    `RUN ${oldTools.install} && ${oldTools.build}`,
    '',
    'FROM docker.io/library/python:3.11-slim',
    `LABEL org.opencontainers.image.title=${product}`,
    'COPY --from=builder /code/dist /dist',
    'USER 0:0',
    `ENTRYPOINT ["${product}"]`,
  ]);
  layout.text(
    dockerfiles.new,
    [
      `FROM ${newTools.builder} AS builder`,
      'WORKDIR /code',
      does('dk', `COPY ${nested}/ ./`, `COPY ${component}/ ./`),
      `RUN ${newTools.build}`,
      '',
      'FROM scratch',
      does('dk', `LABEL org.opencontainers.image.title=${beside}`, `LABEL org.opencontainers.image.title=${short}`),
      'COPY --from=builder /code/bin /bin',
      'USER 0:0',
      `ENTRYPOINT ["/bin/${product}"]`,
    ],
    { moved: dockerfiles.old },
  );
  layout.mechanical.push({ path: dockerfiles.new, class: 'ow', kind: 'move' });
  for (const what of [
    `entrypoint ["${product}"]`,
    `label org.opencontainers.image.title=${product}`,
    'arg PYTHON_VERSION',
  ])
    layout.additions.losses.push({ old: dockerfiles.old, what, reason: 'the new image has another base' });
  layout.text(`${dockerfiles.dir}/${short}less/Dockerfile`, [
    stays(`# The image for machines without ${short}; its helper is a Python script.`, 'another image'),
    'FROM docker.io/library/busybox',
    stays('RUN python3 -m compileall /opt', 'another image'),
  ]);
}

function oldWorkflow(layout: LayoutBuilder, named: boolean): void {
  const { workflows, component, nested, dockerfiles, short, registry, owner, oldTools } = layout.names;
  const job = named ? `${short}-image` : 'image';
  const paths = [
    '    paths:',
    `      - '${component}/**'`,
    `      - '!${nested}/**'`,
    `      - ${dockerfiles.old}`,
    `      - ${workflows.old}`,
  ];
  layout.text(workflows.old, [
    `name: ${short}`,
    'on:',
    '  push:',
    '    branches: [main]',
    `    tags: ['${short}/*']`,
    ...paths,
    '  pull_request:',
    ...paths,
    'permissions:',
    '  contents: read',
    'env:',
    `  IMAGE: ${registry}/${owner}/${short}`,
    "  PYTHON_VERSION: '3.11'",
    'jobs:',
    '  test:',
    '    runs-on: ubuntu-24.04',
    '    steps:',
    '      - uses: actions/checkout@v6',
    '      - uses: actions/setup-python@v6',
    `      - run: ${oldTools.install} && make -C ${component} test`,
    `  ${job}:`,
    '    needs: [test]',
    '    runs-on: ubuntu-24.04',
    '    permissions:',
    '      contents: read',
    '      packages: write',
    '      id-token: write',
    '      attestations: write',
    '    steps:',
    '      - uses: actions/checkout@v6',
    `      - run: cd ${component} && docker build -t "$IMAGE" -f ${layout.names.component
      .split('/')
      .map(() => '..')
      .join('/')}/${dockerfiles.old} .`,
    '      - name: Attest',
    '        uses: actions/attest-build-provenance@v3',
    `        with: { subject-name: '${registry}/${owner}/${short}' }`,
    '  ci-gate:',
    `    needs: [test, ${job}]`,
    '    runs-on: ubuntu-24.04',
    '    steps:',
    "      - run: 'true'",
  ]);
  const carried = {
    'on.push.tags': `tags: ['${short}/*']`,
    [`jobs.${job}.permissions`]: 'attestations: write',
    [`jobs.${job}.steps[2]`]: 'uses: actions/attest-build-provenance@v3',
  };
  for (const [node, after] of Object.entries(carried)) {
    layout.mechanical.push({ path: workflows.old, class: 'carry', kind: 'carry', node, after });
  }
}

function newWorkflow(layout: LayoutBuilder, named: boolean, depth: boolean): void {
  const { workflows, component, nested, dockerfiles, short, beside, registry, owner, newTools } = layout.names;
  const up = (path: string): string =>
    path
      .split('/')
      .map(() => '..')
      .join('/');
  const job = named ? `${beside}-image` : 'image';
  const after = named ? `${short}-image` : 'image';
  const paths = (): Line[] => [
    '    paths:',
    does('yl', `      - '${nested}/**'`, `- '${component}/**'`),
    does('yl', `      - ${dockerfiles.new}`, `- ${dockerfiles.old}`),
    does('yl', `      - ${workflows.new}`, `- ${workflows.old}`),
  ];
  const build = depth
    ? does(
        'rel',
        `          cd ${nested} && docker build -f ${up(nested)}/${dockerfiles.new} ${up(nested)}`,
        `cd ${component} && docker build -f ${up(component)}/${dockerfiles.old} ${up(component)}`,
      )
    : does('yl', `          docker build -f ${dockerfiles.new} .`, `docker build -f ${dockerfiles.old} .`);
  layout.text(
    workflows.new,
    [
      human('# Runs beside the Python one, which still publishes.', '# Tests and publishes.', 'prose of a comment'),
      does('yl', `name: ${beside}`, `name: ${short}`),
      'on:',
      '  push:',
      '    branches: [main]',
      ...paths(),
      '  pull_request:',
      ...paths(),
      'permissions:',
      '  contents: read',
      'env:',
      does('yl', `  IMAGE: ${registry}/${owner}/${beside}`, `IMAGE: ${registry}/${owner}/${short}`),
      'jobs:',
      '  test:',
      '    runs-on: ubuntu-24.04',
      '    defaults:',
      '      run:',
      does('yl', `        working-directory: ${nested}`, `working-directory: ${component}`),
      '    steps:',
      '      - uses: actions/checkout@v6',
      `      - uses: ${newTools.setup}`,
      '        with:',
      does(
        'yl',
        `          cache-dependency-path: ${nested}/${newTools.lock}`,
        `cache-dependency-path: ${component}/${newTools.lock}`,
      ),
      does(
        'yl',
        `          key: \${{ hashFiles('${nested}/${newTools.lock}') }}`,
        `key: \${{ hashFiles('${component}/${newTools.lock}') }}`,
      ),
      '      - run: make test',
      '      - uses: actions/upload-artifact@v6',
      '        with:',
      does('yl', `          name: ${beside}-results`, `name: ${short}-results`),
      does('yl', `          path: ${nested}/bin`, `path: ${component}/bin`),
      named ? does('yl', `  ${job}:`, `${after}:`) : `  ${job}:`,
      '    needs: [test]',
      '    runs-on: ubuntu-24.04',
      '    steps:',
      '      - uses: actions/checkout@v6',
      '      - run: |',
      build,
      '  ci-gate:',
      named ? does('yl', `    needs: [test, ${job}]`, `needs: [test, ${after}]`) : `    needs: [test, ${job}]`,
      '    runs-on: ubuntu-24.04',
      '    steps:',
      "      - run: 'true'",
    ],
    { moved: workflows.old },
  );
  layout.mechanical.push({ path: workflows.new, class: 'ow', kind: 'move' });
}

function neighbours(layout: LayoutBuilder): void {
  const { component, short, dockerfiles } = layout.names;
  const up = component
    .split('/')
    .map(() => '..')
    .join('/');
  layout.text(`.github/workflows/${short}less-container.yaml`, [
    `name: ${short}less`,
    'on: { push: { branches: [main] } }',
    'jobs:',
    '  image:',
    '    runs-on: ubuntu-24.04',
    '    steps:',
    '      - uses: actions/checkout@v6',
    stays(`      - run: cd ${component} && docker build ${up}/${dockerfiles.dir}/${short}less`, 'another image'),
  ]);
  layout.text('.github/workflows/release.yml', [
    'name: release',
    'on:',
    '  push:',
    stays(`    tags: ['${short}/**', 'operator/**']`, 'a tag pattern, not a path'),
    human(
      '# The launcher is a Python script; nothing else that ships is.',
      '# Nothing that ships is a script.',
      'prose of a comment',
    ),
    'jobs:',
    '  release: { runs-on: ubuntu-24.04, steps: [{ run: make release }] }',
  ]);
  layout.text('.github/workflows/security-scan.yaml', [
    stays('# The scanner needs Python.', 'a tool'),
    'name: scan',
    'on: { schedule: [{ cron: "1 2 * * 3" }] }',
    'jobs:',
    '  scan:',
    '    runs-on: ubuntu-24.04',
    '    steps:',
    stays('      - uses: actions/setup-python@v6', 'a tool'),
    stays('      - run: pip install scanner && scanner .', 'a tool'),
  ]);
  layout.text('.github/workflows/operator-ci.yaml', [
    'name: operator',
    'on: { push: { paths: ["operator/**"] } }',
    'env:',
    stays("  GO_VERSION: '1.26'", 'of the operator'),
    'jobs:',
    '  suite: { runs-on: ubuntu-24.04, steps: [{ run: make -C operator test }] }',
  ]);
  layout.text('.grype.yaml', [
    'ignore:',
    human('  # Only in the Python base image.', null, 'a statement about the old image'),
    '  - vulnerability: CVE-2025-0001',
  ]);
}
