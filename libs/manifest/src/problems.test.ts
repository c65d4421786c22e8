import { describe, expect, it } from 'vitest';
import { inImage, problems } from './test-problems.ts';

describe('top level', () => {
  it.each([
    ['- a\n', ['1:1 expected a mapping, found a list']],
    ['text\n', ['1:1 expected a mapping, found "text"']],
    [
      '{}\n',
      [
        `1:1 the key "name" is missing | name: The agent's name: lower-case letters, digits, \`.\`, \`_\` and \`-\`; at most 100 characters.`,
        `1:1 the key "version" is missing | version: The version of this file's format: 1.`,
      ],
    ],
    [
      'version: 2\nname: a\n',
      ['1:10 version: expected 1, found the number 2 | The file was written for a newer Baton.'],
    ],
    ['version: "1"\nname: a\n', ['1:10 version: expected 1, found "1" | Write version: 1.']],
    [
      'version: 1\nname: Node\n',
      [
        '2:7 name: expected a name of lower-case letters, digits, ".", "_" and "-" that starts and ends with a letter or digit, found "Node" | Write node.',
      ],
    ],
    [
      'version: 1\nname:\n',
      [
        '2:6 name: expected a name of lower-case letters, digits, ".", "_" and "-" that starts and ends with a letter or digit, found nothing',
      ],
    ],
    [
      'version: 1\nname: a\nImage: {}\n',
      [
        '3:1 unknown key "Image", did you mean "image"? | Known keys: version, name, bundle, image, parity, cutover, evidence, release.',
      ],
    ],
    [
      'version: 1\nname: a\n<<: { image: {} }\n',
      [
        '3:1 unknown key "<<" | Merge keys are not applied: write the keys out. Known keys: version, name, bundle, image, parity, cutover, evidence, release.',
      ],
    ],
    ['version: 1\nname: a\nimage:\n', ['3:7 image: expected a mapping, found nothing']],
    ['version: 1\nname: a\nimage: []\n', ['3:8 image: expected a mapping, found an empty list']],
  ])('%j', (text, expected) => {
    expect(problems(text)).toEqual(expected);
  });
});

describe('bundle, evidence and release', () => {
  it.each([
    [
      'bundle: {}',
      '3:1 bundle: the key "command" is missing | command: Makes the bundle: program and arguments, run in the manifest\'s folder without a shell.',
    ],
    ['bundle: { command: make }', '3:20 bundle.command: expected a list, found "make"'],
    ['bundle: { command: [] }', '3:20 bundle.command: expected at least one item, found an empty list'],
    ['bundle: { command: [a, ""] }', '3:24 bundle.command[1]: expected text that is not empty, found empty text'],
    ['bundle: { command: [a, 1] }', '3:24 bundle.command[1]: expected text, found the number 1 | Quote it: "1".'],
    ['bundle: { command: [a], inputs: [] }', '3:33 bundle.inputs: expected at least one item, found an empty list'],
    [
      'bundle: { command: [a], outputs: [x, x] }',
      '3:38 bundle.outputs[1]: expected an entry that the list does not have yet, found "x"',
    ],
    [
      'bundle: { command: [a], metafile: /x }',
      '3:35 bundle.metafile: expected a path relative to the manifest\'s folder, found "/x" | An absolute path exists on one machine only.',
    ],
    ['evidence: { policy: keys }', '3:21 evidence.policy: expected unsigned or key, found "keys" | Did you mean key?'],
    [
      'evidence: { polcy: key }',
      '3:13 evidence: unknown key "polcy", did you mean "policy"? | Known keys of evidence: policy, key.',
    ],
    [
      'release: { tag: v1 }',
      '3:17 release.tag: expected a git tag that has {version} once, like {name}/v{version}, found "v1"',
    ],
  ])('%s', (text, expected) => {
    expect(problems(`version: 1\nname: a\n${text}\n`)).toEqual([expected]);
  });
});

describe('image', () => {
  it.each([
    [
      'plattforms: [linux/amd64]',
      'image: unknown key "plattforms", did you mean "platforms"? | Known keys of image: repository, version, platforms, driver, dockerfile, base, layers, compression, entrypoint, cmd, user, env, workdir, volumes, labels, annotations, tags, attest, verify, retention, insecure.',
    ],
    ['platforms: linux/amd64', 'image.platforms: expected a list, found "linux/amd64"'],
    ['platforms: []', 'image.platforms: expected at least one item, found an empty list'],
    [
      'platforms: [linux/x86_64]',
      'image.platforms[0]: expected a platform like linux/amd64, found "linux/x86_64" | Write linux/amd64.',
    ],
    [
      'driver: docker',
      'image.driver: expected a section image.dockerfile, for that is what the driver docker builds, found "docker" | Add one, such as: dockerfile: { file: Dockerfile, context: . }',
    ],
    ['driver: embeded', 'image.driver: expected embedded or docker, found "embeded" | Did you mean embedded?'],
    ['version: 1.2', 'image.version: expected a semantic version like 1.2.3, found the number 1.2 | Quote it: "1.2".'],
    ['base: none', 'image.base: expected scratch, { layout: path } or { ref: reference }, found "none"'],
    [
      'base: { ref: debian }',
      'image.base.ref: expected an image reference with a tag or a digest, like registry/name:tag, found "debian"',
    ],
    ['base: { ref: "debian:12", tag: x }', 'image.base: unknown key "tag" | Known keys of image.base: ref.'],
    ['base: { layout: a, ref: b }', 'image.base: a base needs exactly one of layout, ref; found both layout and ref'],
    [
      'base: { layout: /a }',
      'image.base.layout: expected a path relative to the manifest\'s folder, found "/a" | An absolute path exists on one machine only.',
    ],
    ['compression: gzip', 'image.compression: expected a mapping, found "gzip"'],
    [
      'compression: { algorithm: zip }',
      'image.compression.algorithm: expected gzip or zstd or none, found "zip" | Did you mean gzip?',
    ],
    [
      'compression: { algorithm: gzip, level: 10 }',
      'image.compression.level: expected a gzip level from 0 to 9, found the number 10',
    ],
    [
      'compression: { algorithm: zstd, level: 0 }',
      'image.compression.level: expected a zstd level from 1 to 22, found the number 0',
    ],
    [
      'compression: { algorithm: zstd, level: 23 }',
      'image.compression.level: expected a number of at most 22, found the number 23',
    ],
    [
      'compression: { algorithm: gzip, level: -1 }',
      'image.compression.level: expected a number of at least 0, found the number -1',
    ],
    [
      'compression: { algorithm: gzip, level: 1.5 }',
      'image.compression.level: expected a whole number, found the number 1.5',
    ],
    [
      'compression: { algorithm: none, level: 1 }',
      'image.compression.level: expected no level, because nothing is compressed, found the number 1',
    ],
    ['entrypoint: /bin/sh', 'image.entrypoint: expected a list, found "/bin/sh"'],
    ['cmd: [true]', 'image.cmd[0]: expected text, found the truth value true | Quote it: "true".'],
    ['user: 0', 'image.user: expected a user like "0:0", "1000" or "node:node", found the number 0 | Quote it: "0".'],
    ['env: { A: 1 }', 'image.env.A: expected text, found the number 1 | Quote it: "1".'],
    ['env: { A: }', 'image.env.A: expected text, found nothing'],
    [
      'env: { "1A": x }',
      'image.env: expected the name of an environment variable: letters, digits, "_", "." and "-", not starting with a digit, found the key "1A"',
    ],
    ['env: [A=b]', 'image.env: expected a mapping, found a list'],
    ['workdir: app', 'image.workdir: expected an absolute path in the image, like /app, found "app" | Write /app.'],
    ['volumes: [/a, /a]', 'image.volumes[1]: expected an entry that the list does not have yet, found "/a"'],
    [
      'labels: { "a b": x }',
      'image.labels: expected a key like org.opencontainers.image.title: letters, digits, ".", "_", "-" and "/", found the key "a b"',
    ],
    ['labels: { a.b: 1 }', 'image.labels["a.b"]: expected text, found the number 1 | Quote it: "1".'],
    ['tags: []', 'image.tags: expected at least one item, found an empty list'],
    [
      'tags: ["{versoin}"]',
      'image.tags[0]: expected one of the placeholders {version} {major} {minor} {patch} {commit} {name} in place of {versoin}, found "{versoin}" | Did you mean {version}?',
    ],
    ['insecure: "yes"', 'image.insecure: expected true or false, found "yes"'],
    [
      'repository: Acme/A',
      'image.repository: expected a repository like ghcr.io/acme/node-agent, found "Acme/A" | Repository names are lower-case: acme/a.',
    ],
  ])('%s', (text, expected) => {
    expect(inImage(text)).toEqual([expected]);
  });
});
