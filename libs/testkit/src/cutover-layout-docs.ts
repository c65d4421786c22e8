import { does, human, type LayoutBuilder, stays } from './cutover-layout-file.ts';

/** Documents, and what lies outside of the cutover and must be as it was. */
export function addDocuments(layout: LayoutBuilder): void {
  guides(layout);
  outside(layout);
}

function guides(layout: LayoutBuilder): void {
  const { component, nested, oldSource, newTools, oldTools, product, short } = layout.names;
  layout.text('CONTRIBUTING.md', [
    '# Contributing',
    '',
    human('## Three components, three toolchains', '## Three components, two toolchains', 'a count'),
    '',
    human(
      `- **${short}**: Python, built by ${oldTools.tool}, in \`${oldSource}\`.`,
      `- **${short}**: ${newTools.language}.`,
      'prose',
    ),
    '- **operator**: Go.',
    '',
    '## Commands',
    '',
    '```sh',
    `make -C ${component} test`,
    does('md', `make -C ${nested} build`, `make -C ${component} build`),
    '```',
    '',
    human(`## ${product} (Python)`, null, 'a section about the old one', 'other'),
    '',
    human('Steps are run by `chroot_exec.py`; format with black.', null, 'a section about the old one', 'other'),
    '',
    '## Pipelines',
    '',
    stays('The pipeline is described in the shell, with `set -o pipefail`.', 'only looks like the name of a tool'),
    stays('`scripts/sync_labels.py` needs python3.', 'a tool that is written in Python'),
  ]);
  layout.additions.edits.push({
    'md.section': { in: 'CONTRIBUTING.md', heading: `${product} (Python)`, remove: true },
  });
  layout.link('AGENTS.md', 'CONTRIBUTING.md');
  layout.text('README.md', [
    `# ${layout.names.project}`,
    '',
    '| Where | What |',
    '|---|---|',
    `| [${short}](${component}/README.md) | runs on every machine |`,
    does(
      'md',
      `| [the new one](${nested}/README.md) | not shipped yet |`,
      `| [the new one](${component}/README.md) | not shipped yet |`,
    ),
    '| [operator](operator/README.md) | tells them what to do |',
    '',
    human(
      `The ${short} checks its files with jsonschema, a Python library.`,
      `The ${short} checks its files.`,
      'prose',
    ),
  ]);
  layout.text('NOTICE', [human(`${product} contains a Python library under the MIT licence.`, null, 'a licence text')]);
  layout.text('docs/README.md', ['# Documents', '', '- [Versions](versioning.md)', '- [Releases](releases.md)']);
  layout.text('docs/versioning.md', [
    '# Versions',
    '',
    human(
      `The ${short} is written in Python.`,
      `The ${short} is written in ${newTools.language} since 7.0.0.`,
      'prose',
    ),
    '',
    does(
      'md',
      `The new one is in [\`${nested}\`](../${nested}), its guide is [here](../${nested}/README.md).`,
      `The new one is in [\`${component}\`](../${component}), its guide is [here](../${component}/README.md).`,
    ),
    stays(`Tags are \`${short}/vX.Y.Z\`; recordings lie in \`${component}/golden\`.`, 'stays right'),
  ]);
  layout.text('docs/releases.md', [
    '# Releases',
    '',
    stays('Run `python3 scripts/sync_labels.py` first.', 'a tool that is written in Python'),
    human(`Then \`${oldTools.build}\` in \`${component}\`.`, 'Then `make build`.', 'a command of the old toolchain'),
  ]);
}

function outside(layout: LayoutBuilder): void {
  const { component, nested, short, registry, owner, beside } = layout.names;
  layout.text('operator/Makefile', [
    'build:',
    '\tgo build ./...',
    'test:',
    '\tgo test ./...',
    stays(`# for example ${registry}/${owner}/${short}:v6.4.0`, 'an example'),
  ]);
  layout.text('operator/README.md', ['# Operator']);
  layout.text('operator/go.mod', ['module example.com/operator', '', 'go 1.26']);
  layout.text('operator/main.go', [
    'package main',
    '',
    stays(`const image = "${registry}/${owner}/${short}:latest"`, 'the released image'),
  ]);
  layout.text(`operator/${short}/client.go`, [
    'package client',
    '',
    stays(`// The contract is in ${component}/golden.`, 'begins like the nested directory'),
  ]);
  layout.text('chart/values.yaml', [
    `${short}:`,
    stays(`  repository: ${registry}/${owner}/${short}`, 'a pin'),
    stays('  digest: sha256:0000', 'a pin'),
  ]);
  layout.text(
    `k8s-tests/operator-${short}/run.sh`,
    ['#!/bin/sh', stays(`grep -q "python: started" "$1" || grep -q started "$1" # logs of v6`, 'the log contract')],
    { exec: true },
  );
  layout.text('examples/package.yaml', ['steps:', stays('  - run: python3 ./step.py', 'what users run')]);
  layout.text('docs/blog.md', [
    '# Elsewhere',
    '',
    stays(`A library of the same name: https://github.com/somebody/${beside}-kit.`, 'a link to somebody else'),
    stays(`Another: https://example.net/${nested}/index.html`, 'a link to somebody else'),
  ]);
}
