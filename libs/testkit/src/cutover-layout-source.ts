import { does, type LayoutBuilder, type Line } from './cutover-layout-file.ts';
import type { Choices } from './cutover-layout-names.ts';

/** The two source trees, what they vendor, and the files at the top of the component. */
export function addSources(layout: LayoutBuilder, random: Choices): void {
  oldSource(layout, random);
  newSource(layout, random);
  newBuild(layout);
  topFiles(layout);
}

function oldSource(layout: LayoutBuilder, random: Choices): void {
  const { component, oldSource: source, oldTools, product } = layout.names;
  const root = source.split('/').at(-1) ?? '';
  for (let i = 0; i < random.between(14, 24); i++) {
    layout.text(`${source}/${random.pick(['core', 'steps', 'host'])}/part_${i}.py`, [
      `"""Part ${i} of ${product}."""`,
      'import json',
      `from ${root.replaceAll('-', '_')} import part_${i}`,
    ]);
  }
  layout.text(`${source}/__init__.py`, []);
  layout.text(`${source}/chroot_exec.py`, ['import os', '', 'def enter(root):', '    os.chroot(root)'], { exec: true });
  layout.text(`${source}/schemas/config.json`, ['{ "type": "object", "description": "a config" }']);
  layout.text(`${source}/NOTICE`, [`${product} is based on a Python library`]);
  layout.text(`${source}/README.md`, [`# ${product}`, '', `Install with \`${oldTools.install}\`.`]);
  for (let i = 0; i < 4; i++)
    layout.text(`${component}/tests/test_part_${i}.py`, [
      'import pytest',
      '',
      `def test_part_${i}():`,
      '    assert True',
    ]);
  // Dozens of packages of other people, one file of them executable.
  const vendored = random.between(110, 260);
  for (let i = 0; i < vendored; i++) {
    const extension = random.pick(['.py', '.py', '.py', '.pyi', '.txt', '.c']);
    layout.text(`${component}/vendor/lib${i % 17}/mod_${i}${extension}`, [`# vendored ${i}`], { exec: i === 3 });
  }
  layout.text(`${component}/vendor/README.md`, ['Vendored with `pip download`.']);
  for (const name of oldTools.files)
    layout.text(`${component}/${name}`, [`# ${oldTools.tool} reads this`, `name = "${product}"`]);
  layout.text(`${component}/.dockerignore`, ['venv', 'dist', '**/__pycache__', layout.names.suffix]);
  for (const path of [
    source,
    `${component}/tests`,
    `${component}/vendor`,
    ...oldTools.files.map((name) => `${component}/${name}`),
    `${component}/.dockerignore`,
  ]) {
    layout.mechanical.push({ path, class: 'del', kind: 'delete' });
  }
  layout.absent.push(source, `${component}/${oldTools.files[0]}`, `${component}/.dockerignore`);
}

function newSource(layout: LayoutBuilder, random: Choices): void {
  const { component, nested, newTools, product, owner, project, short } = layout.names;
  const { extension, marker } = newTools;
  const module = `example.com/${owner}/${project}/${short}`;
  const comment =
    extension === '.go'
      ? `import "${module}/golden"`
      : extension === '.rs'
        ? 'use crate::golden;'
        : "import { golden } from './golden.ts';";
  for (let i = 0; i < random.between(24, 40); i++) {
    const name = `${random.pick(['internal/steps', 'internal/host', 'cmd', 'golden'])}/unit_${i}${extension}`;
    // The directory `golden` begins like a directory called `go`.
    layout.text(`${nested}/${name}`, [
      `// Unit ${i} of ${product}.`,
      comment,
      `// See ${short}/golden for the recordings.`,
    ]);
    if (i % 5 === 0) layout.sameBlob.push({ from: `${nested}/${name}`, to: `${component}/${name}` });
  }
  layout.text(`${nested}/main${extension}`, [`// ${product}`]);
  layout.text(
    `${nested}/${marker}`,
    marker === 'go.mod'
      ? [`module ${module}`, '', 'go 1.26']
      : marker === 'Cargo.toml'
        ? ['[package]', `name = "${product}"`, 'version = "0.0.0"']
        : ['{', `  "name": "${product}", "private": true`, '}'],
  );
  layout.text(`${nested}/${newTools.lock}`, ['checksums']);
  // Odd names move like any other.
  for (const name of [
    'testdata/with space.txt',
    'testdata/größe.txt',
    'testdata/-dash',
    'testdata/.gitkeep',
    'testdata/go/nested.txt',
  ]) {
    layout.text(`${nested}/${name}`, ['data']);
    layout.sameBlob.push({ from: `${nested}/${name}`, to: `${component}/${name}` });
  }
  layout.text(`${nested}/testdata/windows.txt`, ['a', 'b'], { crlf: true });
  // Tracked although the ignore file next to it says otherwise.
  layout.text(`${nested}/bin/README`, ['Programs come here.']);
  const vendored = random.between(140, 280);
  for (let i = 0; i < vendored; i++)
    layout.text(`${nested}/vendor/example.com/dep${i % 23}/file_${i}${extension}`, [`// dep ${i}, see python/pip`]);
  if (marker === 'go.mod') layout.text(`${nested}/vendor/modules.txt`, ['# example.com/dep0 v1.0.0', '## explicit']);
  layout.mechanical.push({ path: nested, class: 'mv', kind: 'flatten' });
  layout.present.push(
    `${component}/${marker}`,
    `${component}/testdata/go/nested.txt`,
    `${component}/vendor/example.com/dep0/file_0${extension}`,
  );
  layout.absent.push(`${nested}/${marker}`);
}

/** A path from inside the nested directory to the root of the repository, `less` steps nearer. */
function up(path: string, less = 0): string {
  return Array.from({ length: path.split('/').length - less }, () => '..').join('/');
}

function newBuild(layout: LayoutBuilder): void {
  const { component, nested, newTools, dockerfiles, beside, product } = layout.names;
  const from = up(nested);
  const to = up(nested, 1);
  const moved = (name: string): { moved: string } => ({ moved: `${component}/${name}` });
  layout.link(`${nested}/LICENSE`, `${from}/LICENSE`);
  layout.present.push(`${component}/LICENSE`);
  layout.text(`${nested}/.editorconfig`, ['[*]', 'indent_style = tab']);
  layout.text(`${nested}/.gitattributes`, ['*.golden -text']);
  layout.text(`${nested}/.gitignore`, ['/bin/', '/target/', '/dist/']);
  layout.text(
    `${nested}/Makefile`,
    [
      does('rel', `include ${from}/tools/common.mk`, `include ${to}/tools/common.mk`),
      '',
      '.PHONY: build test fmt clean image',
      '',
      `build: ## build ${product}`,
      `\t${newTools.build}`,
      '',
      'test:',
      `\t${newTools.test}`,
      '',
      'fmt:',
      `\t${newTools.format}`,
      '',
      'license-fmt:',
      does('rel', `\tpython3 ${from}/scripts/format_license.py .`, `python3 ${to}/scripts/format_license.py .`),
      '',
      'clean:',
      '\trm -rf bin',
      '',
      'image:',
      does(
        'rel',
        `\tdocker build -f ${from}/${dockerfiles.new} ${from}`,
        `docker build -f ${to}/${dockerfiles.old} ${to}`,
      ),
    ],
    moved('Makefile'),
  );
  layout.additions.except.push({
    path: `${component}/Makefile`,
    line: `python3 ${to}/scripts/format_license.py .`,
    reason: 'a tool that is written in Python',
  });
  layout.text(
    `${nested}/hack/update.sh`,
    [
      '#!/bin/sh',
      '# Makes the recordings again.',
      'cd "$(dirname "$0")/.." || exit 1',
      does('rel', `exec ${from}/scripts/recordings.sh golden`, `exec ${to}/scripts/recordings.sh golden`),
    ],
    { exec: true, ...moved('hack/update.sh') },
  );
  layout.text(
    `${nested}/README.md`,
    [
      `# ${product}, the new one`,
      '',
      does(
        'rel',
        `The rules are in the [contributing guide](${from}/CONTRIBUTING.md).`,
        `The rules are in the [contributing guide](${to}/CONTRIBUTING.md).`,
      ),
      does('tx', `Its image is called \`${beside}\`.`, `Its image is called \`${layout.names.short}\`.`),
    ],
    moved('README.md'),
  );
}

function topFiles(layout: LayoutBuilder): void {
  const { component, oldTools, product, dockerfiles } = layout.names;
  const up1 = up(component);
  layout.text(`${component}/Makefile`, [
    '.PHONY: build test fmt clean license-fmt image',
    '',
    'build:',
    `\t${oldTools.build}`,
    '',
    'test:',
    `\t${oldTools.run} pytest`,
    '',
    'fmt:',
    `\t${oldTools.run} black .`,
    '',
    'clean:',
    '\trm -rf dist venv',
    '',
    'license-fmt:',
    `\tpython3 ${up1}/scripts/format_license.py .`,
    '',
    'image:',
    `\tdocker build -f ${up1}/${dockerfiles.old} .`,
  ]);
  layout.text(`${component}/.gitignore`, ['dist', 'coverage.xml', 'venv', 'root']);
  layout.text(`${component}/README.md`, [
    `# ${product}`,
    '',
    'Written in Python.',
    '',
    '## Environment',
    '',
    `- \`${product.toUpperCase().replaceAll('-', '_')}_ROOT\`: the root of the host`,
  ]);
  layout.additions.losses.push({
    old: `${component}/Makefile`,
    what: 'phony license-fmt',
    reason: 'there is no file of that name',
  });
  for (const name of ['Makefile', '.gitignore', 'README.md'])
    layout.mechanical.push({ path: `${component}/${name}`, class: 'ow', kind: 'collision' });
  const history: Line[] = [
    `# Changelog`,
    '',
    '## [6.4.0] - 2026-02-01',
    '',
    '### Fixed',
    '',
    '- pip no longer reads the network.',
    '- The wheel is smaller.',
    '',
    '## [6.3.0] - 2025-12-01',
    '',
    '### Added',
    '',
    '- The first version of the pipeline.',
  ];
  layout.text(`${component}/CHANGELOG.md`, history);
  const entry = '- Rewritten; the last version in Python was 6.4.0.';
  layout.additions.edits.push({
    changelog: {
      in: `${component}/CHANGELOG.md`,
      format: 'keep-a-changelog',
      version: 'Unreleased',
      section: 'Changed',
      entry: `${entry}\n`,
    },
  });
  layout.additions.except.push({ path: `${component}/CHANGELOG.md`, line: entry, reason: 'the entry of the cutover' });
  layout.additions.edits.push({
    'md.section': {
      in: `${component}/README.md`,
      heading: `${product}, the new one`,
      append: `\n## Environment\n\n- \`${product.toUpperCase().replaceAll('-', '_')}_ROOT\`: the root of the host\n`,
    },
  });
}
