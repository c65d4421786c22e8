import { does, human, type LayoutBuilder, type Line, stays } from './cutover-layout-file.ts';
import type { Choices } from './cutover-layout-names.ts';

/** Root Makefile, bots, owners, editors, scripts. */
export function addHelpers(layout: LayoutBuilder, random: Choices): void {
  rootMakefile(layout, random.chance(0.6));
  const bots = random.between(0, 2);
  if (bots !== 0) dependabot(layout);
  if (bots !== 1) renovate(layout);
  owners(layout, random.chance(0.5));
  if (random.chance(0.7)) reviewer(layout);
  labels(layout, random.chance(0.5));
  if (random.chance(0.7)) editor(layout);
  ignore(layout);
  scripts(layout);
}

function rootMakefile(layout: LayoutBuilder, fan: boolean): void {
  const { component, nested, short, beside } = layout.names;
  const variable = `${beside.toUpperCase().replaceAll('-', '_')}_DIR`;
  const fanOut: Line[] = [
    '',
    does('mk', `${variable} := ${nested}`, null),
    '',
    does('mk', `.PHONY: ${beside}-build ${beside}-test`, null),
    does('mk', `${beside}-build: ## build the new one`, null),
    does('mk', `\t$(MAKE) -C $(${variable}) build`, null),
    '',
    does('mk', `${beside}-test: ## test the new one`, null),
    does('mk', `\t$(MAKE) -C $(${variable}) test`, null),
  ];
  layout.text('Makefile', [
    '.PHONY: build test fmt clean notices',
    '',
    fan ? does('mk', `all: build ${beside}-build`, 'all: build') : 'all: build',
    '',
    'build:',
    `\t$(MAKE) -C ${component} build`,
    '\t$(MAKE) -C operator build',
    '',
    'test:',
    `\t$(MAKE) -C ${component} test`,
    '',
    'fmt:',
    `\t$(MAKE) -C ${component} fmt license-fmt`,
    '',
    'clean:',
    `\t$(MAKE) -C ${component} clean`,
    '',
    'notices:',
    stays('\tpython3 scripts/notices.py', 'a tool that is written in Python'),
    '',
    'changelog:',
    stays(`\tgit-cliff --include-path '${component}/**' --tag-pattern '${short}/.*'`, 'stays right'),
    ...(fan ? fanOut : []),
  ]);
  layout.text('tools/common.mk', ['SHELL := /bin/bash', '.SHELLFLAGS := -euo pipefail -c']);
}

function dependabot(layout: LayoutBuilder): void {
  const { component, nested, newTools, oldTools } = layout.names;
  layout.text('.github/dependabot.yml', [
    'version: 2',
    'updates:',
    '  - package-ecosystem: github-actions',
    '    directory: /',
    '    schedule:',
    '      interval: weekly',
    does('yl', `  - package-ecosystem: ${oldTools.ecosystem}`, null),
    does('yl', `    directory: /${component}`, null),
    does('yl', '    schedule:', null),
    does('yl', '      interval: weekly', null),
    `  - package-ecosystem: "${newTools.ecosystem}"`,
    does('yl', `    directory: "/${nested}"`, `directory: "/${component}"`),
    '    schedule:',
    '      interval: daily',
    stays('  - package-ecosystem: pip', 'the requirements of the scripts'),
    '    directory: /scripts',
    '    schedule: { interval: monthly }',
  ]);
}

function renovate(layout: LayoutBuilder): void {
  const { component, nested, newTools, oldTools } = layout.names;
  layout.text('renovate.json5', [
    '{',
    '  // What it may touch.',
    // With requirements of its own the manager is still needed.
    oldTools.renovate === 'pip_requirements'
      ? stays(
          `  enabledManagers: ['github-actions', '${newTools.renovate}', '${oldTools.renovate}'],`,
          'the scripts have requirements',
        )
      : does(
          'j5',
          `  enabledManagers: ['github-actions', '${newTools.renovate}', '${oldTools.renovate}'],`,
          `enabledManagers: ['github-actions', '${newTools.renovate}'],`,
        ),
    '  packageRules: [',
    does('j5', '    {', null),
    does('j5', `      matchManagers: ['${oldTools.renovate}'],`, null),
    does('j5', `      matchFileNames: ['${component}/**'],`, null),
    does('j5', "      groupName: 'libraries of the old one',", null),
    does('j5', '    },', null),
    '    {',
    does(
      'j5',
      `      matchFileNames: ['${nested}/**'], // the new one`,
      `matchFileNames: ['${component}/**'], // the new one`,
    ),
    "      groupName: 'libraries',",
    '    },',
    '  ],',
    '}',
  ]);
}

function owners(layout: LayoutBuilder, crlf: boolean): void {
  const { component, nested, oldSource, short, dockerfiles } = layout.names;
  layout.text(
    '.github/CODEOWNERS',
    [
      '* @everybody',
      `/${component}/ @${short}-team`,
      does('ln', `/${nested}/ @new-team`, null),
      does('ln', `/${oldSource}/schemas/ @schema-team`, null),
      `/${dockerfiles.dir}/ @builders`,
      does('ln', `/${dockerfiles.new} @new-team`, null),
      `/${dockerfiles.old} @builders`,
      stays(`/operator/${short}/ @operators`, 'another directory'),
    ],
    { crlf },
  );
}

function reviewer(layout: LayoutBuilder): void {
  const { component, nested } = layout.names;
  layout.text('.coderabbit.yaml', [
    'reviews:',
    '  path_filters:',
    `    - '!${component}/vendor/**'`,
    does('yl', `    - '!${nested}/vendor/**'`, null),
    '  guidelines:',
    `    - ${component}/README.md`,
    does('yl', `    - ${nested}/README.md`, null),
    '    - operator/README.md',
  ]);
}

function labels(layout: LayoutBuilder, flow: boolean): void {
  const { component, nested, short, beside } = layout.names;
  layout.text('.github/labels.yml', [
    stays(`- { name: component/${short}, color: ededed }`, 'the label stays'),
    '- { name: component/operator, color: ededed }',
  ]);
  const globs: Line[] = flow
    ? [
        does(
          'yl',
          `        - any-glob-to-any-file: ['${component}/**', '!${nested}/**']`,
          `- any-glob-to-any-file: ['${component}/**']`,
        ),
      ]
    : [
        '        - any-glob-to-any-file:',
        `            - '${component}/**'`,
        does('yl', `            - '!${nested}/**'`, null),
      ];
  layout.text('.github/labeler.yml', [
    `component/${short}:`,
    '    - changed-files:',
    ...globs,
    'component/operator:',
    '    - changed-files:',
    "        - any-glob-to-any-file: 'operator/**'",
  ]);
  layout.text('docs/decisions/0003-new-language.md', [
    '# 3. A new language',
    '',
    stays(
      `We write \`${beside}\` in ${layout.names.newTools.language}; Python stays until it is done (\`${nested}\`).`,
      'history',
    ),
  ]);
}

function editor(layout: LayoutBuilder): void {
  const { nested, component, oldSource } = layout.names;
  layout.text('.vscode/launch.json', [
    '{',
    '  // Two programs.',
    '  "version": "0.2.0",',
    '  "configurations": [',
    does('j5', '    {', null),
    does('j5', '      "name": "old",', null),
    does('j5', '      "type": "debugpy",', null),
    does('j5', `      "program": "\${workspaceFolder}/${oldSource}/__init__.py",`, null),
    does('j5', '    },', null),
    '    {',
    '      "name": "operator",',
    '      "module": "operator",',
    '    },',
    '    {',
    '      "name": "new",',
    does(
      'j5',
      `      "program": "\${workspaceFolder}/${nested}", // start here`,
      `"program": "\${workspaceFolder}/${component}", // start here`,
    ),
    '    },',
    '  ],',
    '}',
  ]);
}

function ignore(layout: LayoutBuilder): void {
  const { nested, component } = layout.names;
  layout.text('.gitignore', [
    '*.swp',
    stays('__pycache__/', 'the scripts are written in Python'),
    does('ln', '.pytest_cache/', null),
    does('ln', `/${nested}/bin/`, `/${component}/bin/`),
    'node_modules/',
  ]);
}

function scripts(layout: LayoutBuilder): void {
  const { component, nested, short } = layout.names;
  for (const name of ['format_license', 'sync_labels'])
    layout.text(
      `scripts/${name}.py`,
      [stays('#!/usr/bin/env python3', 'a tool that is written in Python'), 'import sys'],
      { exec: true },
    );
  layout.text('scripts/notices.py', [
    stays('#!/usr/bin/env python3', 'a tool that is written in Python'),
    'COMPONENTS = [',
    '    "operator",',
    does('tx', `    "${nested}",`, `"${component}",`),
    ']',
    human('PYTHON_LOCKS = ["requirements"]  # of the old one', null, 'a branch of a program'),
  ]);
  layout.text('scripts/recordings.sh', ['#!/bin/sh', `# Recordings of ${short}: see ${component}/golden-format.md.`], {
    exec: true,
  });
  layout.text('scripts/requirements.txt', ['pyyaml==6.0']);
  layout.text('LICENSE', ['A licence.']);
}
