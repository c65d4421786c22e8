import { does, human, type LayoutBuilder, stays } from './cutover-layout-file.ts';
import type { Choices } from './cutover-layout-names.ts';

type Form = (layout: LayoutBuilder) => void;

/** Further files as repositories have them, each with a chance: other CI, other bots, other ways to write a path. */
export function addForms(layout: LayoutBuilder, random: Choices): void {
  for (const form of FORMS) if (random.chance(0.55)) form(layout);
}

const up = (path: string): string =>
  path
    .split('/')
    .map(() => '..')
    .join('/');

const FORMS: readonly Form[] = [
  ({ text, names: { nested, component } }) =>
    text('Jenkinsfile', [
      'pipeline {',
      "  stage('build') {",
      does('tx', `    dir('${nested}') {`, `dir('${component}') {`),
      "      sh 'make build'",
      '    }',
      '  }',
      '}',
    ]),
  ({ text, names: { nested, component, short } }) =>
    text('scripts/check.sh', [
      '#!/bin/sh',
      'root=$(git rev-parse --show-toplevel)',
      does(
        'tx',
        `for dir in operator ${nested}; do make -C "$root/$dir" test; done`,
        `for dir in operator ${component}; do make -C "$root/$dir" test; done`,
      ),
      does('tx', `cd "$root/${nested}" || exit 1`, `cd "$root/${component}" || exit 1`),
      stays(`test -d "$root/${component}/gone" || echo "${short}-gopher"`, 'another name'),
    ]),
  // A path in two pieces: no line of it names the directory.
  ({ text, names: { component, suffix } }) =>
    text('scripts/lint.sh', [
      '#!/bin/sh',
      `base=${component}`,
      does('tx', `cd "$base/${suffix}" && make fmt`, 'cd "$base" && make fmt'),
    ]),
  ({ text, names: { component, suffix } }) =>
    text('scripts/sizes.py', [
      'import pathlib',
      'root = pathlib.Path(__file__).parent.parent',
      does(
        'tx',
        `print(sum(1 for _ in (root / "${component}" / "${suffix}").rglob("*")))`,
        `print(sum(1 for _ in (root / "${component}").rglob("*")))`,
      ),
    ]),
  ({ text, names: { nested, component } }) =>
    text('go.work', ['go 1.26', '', 'use (', '\t./operator', does('tx', `\t./${nested}`, `./${component}`), ')']),
  ({ text, names: { nested, component, oldSource } }) =>
    text('sonar-project.properties', [
      does('tx', `sonar.sources=operator,${nested}`, `sonar.sources=operator,${component}`),
      human(
        `sonar.exclusions=${nested}/vendor/**,${oldSource}/schemas/**`,
        `sonar.exclusions=${component}/vendor/**`,
        'names what is deleted in a list',
      ),
    ]),
  ({ text, names: { nested, component, beside, short } }) =>
    text('codecov.yml', [
      'flags:',
      does('yl', `  ${beside}:`, `${short}:`),
      does('yl', `    paths: ['${nested}/']`, `paths: ['${component}/']`),
      'ignore:',
      does('yl', `  - ${nested}/vendor`, `- ${component}/vendor`),
    ]),
  ({ text, names: { nested, component, beside, short, product } }) =>
    text('.goreleaser.yaml', [
      'version: 2',
      'builds:',
      does('yl', `  - id: ${beside}`, `- id: ${short}`),
      does('yl', `    dir: ${nested}`, `dir: ${component}`),
      `    binary: ${product}`,
    ]),
  ({ text, names: { nested, component, owner, project } }) =>
    text('docs/map.md', [
      '# Map',
      '',
      'The [code] and <a href="../operator/README.md">the operator</a>.',
      does(
        'md',
        `See <a href="../${nested}/README.md">the guide</a>.`,
        `See <a href="../${component}/README.md">the guide</a>.`,
      ),
      '',
      does('md', `[code]: ../${nested}/README.md`, `[code]: ../${component}/README.md`),
      does(
        'md',
        `It is also on [the web](https://github.com/${owner}/${project}/tree/main/${nested}).`,
        `It is also on [the web](https://github.com/${owner}/${project}/tree/main/${component}).`,
      ),
    ]),
  ({ text, names: { nested, component } }) =>
    text('.pre-commit-config.yaml', [
      'repos:',
      does('yl', '  - repo: https://github.com/psf/black', null),
      does('yl', '    rev: 24.1.0', null),
      does('yl', `    hooks: [{ id: black, files: '^${component}/' }]`, null),
      '  - repo: local',
      '    hooks:',
      '      - id: format',
      does('yl', `        files: ^${nested}/`, `files: ^${component}/`),
      does(
        'yl',
        `        exclude: ^${component}/(${nested.split('/').at(-1)}/)?vendor/`,
        `exclude: ^${component}/vendor/`,
      ),
    ]),
  ({ text, names: { nested, component, dockerfiles, short, beside, registry, owner } }) =>
    text('compose.yaml', [
      'services:',
      does('yl', `  ${beside}:`, `${short}:`),
      does('yl', `    image: ${registry}/${owner}/${beside}:dev`, `image: ${registry}/${owner}/${short}:dev`),
      '    build:',
      does('yl', `      context: ${nested}`, `context: ${component}`),
      does(
        'rel',
        `      dockerfile: ${up(nested)}/${dockerfiles.new}`,
        `dockerfile: ${up(component)}/${dockerfiles.old}`,
      ),
    ]),
  ({ text, names: { nested, component } }) =>
    text('mkdocs.yml', [
      'site_name: guide',
      'nav:',
      '  - Home: README.md',
      does('yl', `  - Internals: ../${nested}/README.md`, `- Internals: ../${component}/README.md`),
    ]),
  ({ text, names: { short, beside } }) =>
    text('.github/ISSUE_TEMPLATE/bug.yml', [
      'name: Bug',
      'body:',
      '  - type: dropdown',
      '    attributes:',
      '      label: Component',
      '      options:',
      '        - operator',
      `        - ${short}`,
      does('yl', `        - ${beside}`, null),
    ]),
  ({ text, names: { nested, component, registry, owner, short, beside } }) =>
    text('deploy/kustomization.yaml', [
      'images:',
      does('yl', `  - name: ${registry}/${owner}/${beside}`, `- name: ${registry}/${owner}/${short}`),
      '    newTag: dev',
      does('tx', `# Built from ${nested}.`, `# Built from ${component}.`),
    ]),
  ({ text, names: { nested, component } }) =>
    text('.devcontainer/devcontainer.json', [
      '{',
      '  "name": "dev",',
      does(
        'j5',
        `  "postCreateCommand": "cd ${nested} && make build",`,
        `"postCreateCommand": "cd ${component} && make build",`,
      ),
      human(
        '  "customizations": { "vscode": { "extensions": ["golang.go", "ms-python.python"] } },',
        '  "customizations": { "vscode": { "extensions": ["golang.go"] } },',
        'an extension for the old language',
      ),
      '}',
    ]),
  ({ text, names: { nested, component } }) =>
    text(
      '.circleci/config.yml',
      [
        'version: 2.1',
        'jobs:',
        '  build:',
        '    docker: [{ image: cimg/base:2026.01 }]',
        does('yl', `    working_directory: ~/project/${nested}`, `working_directory: ~/project/${component}`),
        '    steps: [checkout]',
      ],
      { crlf: true },
    ),
  ({ text, names: { nested, component } }) =>
    text('cliff.toml', [
      '[git]',
      stays(`include_paths = ["${component}/**"]`, 'stays right'),
      does('tx', `exclude_paths = ["${nested}/vendor/**"]`, `exclude_paths = ["${component}/vendor/**"]`),
    ]),
  ({ text, additions, names: { nested, component, workflows } }) => {
    const link = `../../actions/${workflows.old.slice('.github/'.length)}/badge.svg`;
    additions.links.push({ path: 'docs/badges.md', link, reason: 'a page of the forge' });
    text('docs/badges.md', [
      '# Badges',
      '',
      does('md', `![tests](../../actions/${workflows.new.slice('.github/'.length)}/badge.svg)`, `![tests](${link})`),
      does(
        'md',
        `Sources: \`${nested}/main\`, see also \`${nested}\`.`,
        `Sources: \`${component}/main\`, see also \`${component}\`.`,
      ),
    ]);
  },
];
