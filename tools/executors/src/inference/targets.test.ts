import { posix } from 'node:path';
import { parseAgentManifest } from '@baton/manifest';
import { temporaryDirectory } from '@baton/testkit';
import type { ProjectConfiguration, TargetConfiguration } from '@nx/devkit';
import { describe, expect, test } from 'vitest';
import type { Agent, Agents } from './agent.ts';
import { targetNames } from './plugin-options.ts';
import { agentProject } from './targets.ts';

const BASE = `
version: 1
name: base
image:
  platforms: [linux/amd64, linux/arm64]
  layers: [{ debian: [libc6] }]
`;

const AGENT = `
version: 1
name: agent
bundle:
  command: [node, ../../tools/make bundle.mjs, --out, dist/bundle/main.cjs]
  inputs: [src, ../../libs/kernel/src]
image:
  repository: example.com/agent
  base: { layout: ../../containers/base/dist/image }
  layers:
    - { from: dist/bundle, to: /app }
    - { from: static, to: /static }
    - { from: ../web/dist/bundle, to: /web }
`;

const WEB = `
version: 1
name: web
bundle: { command: [make] }
`;

function agents(files: Record<string, string>): Agents {
  return new Map(
    Object.entries(files).map(([root, text]) => {
      const file = posix.join(root, 'agent.yaml');
      return [root, { file, root, manifest: parseAgentManifest(Buffer.from(text), file) } satisfies Agent];
    }),
  );
}

function infer(root: string, files: Record<string, string>, options = {}, nxJson = {}): ProjectConfiguration {
  const all = agents(files);
  const agent = all.get(root);
  if (agent === undefined) throw new Error(`no agent at ${root}`);
  return agentProject(agent, { workspaceRoot: temporaryDirectory(), nxJson, names: targetNames(options), agents: all });
}

function target(project: ProjectConfiguration, name: string): TargetConfiguration {
  const found = project.targets?.[name];
  if (found === undefined) throw new Error(`no target ${name} in ${Object.keys(project.targets ?? {})}`);
  return found;
}

const FILES = { 'apps/agent': AGENT, 'apps/web': WEB, 'containers/base': BASE };

describe('the project', () => {
  test('has name and root of the manifest, and a target for each of its sections', () => {
    const project = infer('apps/agent', FILES);
    expect(project).toMatchObject({ name: 'agent', root: 'apps/agent', projectType: 'application' });
    expect(Object.keys(project.targets ?? {})).toEqual(['bundle', 'image', 'image-plan', 'publish', 'verify']);
    expect(Object.keys(infer('apps/web', FILES).targets ?? {})).toEqual(['bundle']);
    expect(Object.keys(infer('containers/base', FILES).targets ?? {})).toEqual(['image', 'image-plan']);
  });

  test('explains every target to people', () => {
    for (const root of Object.keys(FILES)) {
      for (const { metadata } of Object.values(infer(root, FILES).targets ?? {})) {
        expect(metadata?.description).toMatch(/^[A-Z]/);
        expect(metadata?.technologies).toContain('baton');
        expect(metadata?.help?.command).toMatch(/^npx nx /);
      }
    }
  });

  test('calls its targets what nx.json says, in dependencies too', () => {
    const project = infer('apps/agent', FILES, { bundleTargetName: 'compile', imageTargetName: 'oci' });
    expect(Object.keys(project.targets ?? {})).toEqual(['compile', 'oci', 'image-plan', 'publish', 'verify']);
    expect(target(project, 'oci').dependsOn).toEqual([
      'compile',
      { projects: ['web'], target: 'compile' },
      { projects: ['base'], target: 'oci' },
    ]);
    expect(target(project, 'publish').dependsOn).toEqual(['oci']);
  });
});

describe('bundle', () => {
  const bundle = target(infer('apps/agent', FILES), 'bundle');

  test('runs the command of the manifest in its folder, every word as it stands there', () => {
    expect(bundle).toMatchObject({
      executor: 'nx:run-commands',
      cache: true,
      outputs: ['{projectRoot}/dist/bundle'],
      options: {
        command: "node '../../tools/make bundle.mjs' --out dist/bundle/main.cjs",
        cwd: '{projectRoot}',
        forwardAllArgs: false,
      },
    });
  });

  test('watches the declared inputs and the program itself, not what it makes', () => {
    expect(bundle.inputs).toEqual([
      '{projectRoot}/agent.yaml',
      '{projectRoot}/src',
      '{projectRoot}/src/**/*',
      '{workspaceRoot}/libs/kernel/src',
      '{workspaceRoot}/libs/kernel/src/**/*',
      '{workspaceRoot}/tools/make bundle.mjs',
      '{workspaceRoot}/tools/make bundle.mjs/**/*',
      { runtime: 'node --version' },
    ]);
  });

  test("watches the project's own folder where nothing is declared", () => {
    expect(target(infer('apps/web', FILES), 'bundle').inputs).toContain('{projectRoot}/**/*');
  });

  test('is not cached when it writes where Nx cannot keep it', () => {
    const outside = 'version: 1\nname: x\nbundle: { command: [make], outputs: [../../../out] }\n';
    expect(target(infer('apps/x', { 'apps/x': outside }), 'bundle')).toMatchObject({ cache: false, outputs: [] });
  });
});

describe('image', () => {
  const image = target(infer('apps/agent', FILES), 'image');

  test('is cached, with the layout and its statement, signed or not, as the only outputs', () => {
    expect(image).toMatchObject({
      executor: '@baton/nx:image',
      cache: true,
      outputs: [
        '{projectRoot}/dist/image',
        '{projectRoot}/dist/evidence/image.json',
        '{projectRoot}/dist/evidence/image.dsse.json',
      ],
    });
  });

  test('is not cached when it takes Debian packages as they are today', () => {
    expect(target(infer('containers/base', FILES), 'image').cache).toBe(false);
    const locked = BASE.replace('[libc6]', '[libc6], resolve: locked');
    expect(target(infer('containers/base', { 'containers/base': locked }), 'image').cache).toBe(true);
  });

  test('is not cached when a container engine keeps it', () => {
    const docker = AGENT.replace(/ {2}layers:.*$/s, '  driver: docker\n  dockerfile: { file: Dockerfile }\n');
    expect(target(infer('apps/agent', { 'apps/agent': docker }), 'image').cache).toBe(false);
    const both = AGENT.replace('image:', 'image:\n  dockerfile: { file: Dockerfile }');
    expect(target(infer('apps/agent', { 'apps/agent': both }), 'image').cache).toBe(true);
  });

  test('comes after everything that other targets make for it', () => {
    expect(image.dependsOn).toEqual([
      'bundle',
      { projects: ['web'], target: 'bundle' },
      { projects: ['base'], target: 'image' },
    ]);
    expect(target(infer('containers/base', FILES), 'image').dependsOn).toEqual([]);
  });

  test('watches manifest, lock, layers, what others made, git and the environment', () => {
    expect(image.inputs).toEqual(
      expect.arrayContaining([
        '{projectRoot}/agent.yaml',
        '{projectRoot}/image.lock.json',
        '{projectRoot}/static',
        '{projectRoot}/static/**/*',
        { dependentTasksOutputFiles: 'apps/agent/dist/bundle/**/*' },
        { dependentTasksOutputFiles: 'apps/web/dist/bundle/**/*' },
        { dependentTasksOutputFiles: 'containers/base/dist/image/index.json' },
        { runtime: expect.stringMatching(/^find apps\/agent\/static /) },
        { runtime: expect.stringMatching(/git log .* -- apps\/agent libs\/kernel\/src apps\/web\/dist\/bundle\)/) },
        { env: 'SOURCE_DATE_EPOCH' },
        { externalDependencies: ['@baton/nx'] },
      ]),
    );
  });

  test('watches a base layout that no target makes by its index', () => {
    const inputs = target(infer('apps/agent', { 'apps/agent': AGENT }), 'image').inputs;
    expect(inputs).toContainEqual({ runtime: expect.stringContaining('containers/base/dist/image/index.json') });
    expect(inputs).toContainEqual({ runtime: expect.stringContaining('apps/web/dist/bundle') });
  });

  test('watches the keys that sign its statement', () => {
    expect(image.inputs).toContainEqual({ runtime: expect.stringContaining('BATON_SIGNING_KEY') });
    const keyed = `${AGENT}evidence: { policy: key, key: ../../keys/build.pem }\n`;
    const inputs = target(infer('apps/agent', { 'apps/agent': keyed }), 'image').inputs;
    expect(inputs).toContainEqual({ runtime: expect.stringMatching(/^find .*keys\/build\.pem/) });
  });

  test("takes the workspace's shared inputs where it has any", () => {
    const nxJson = { namedInputs: { sharedGlobals: ['{workspaceRoot}/x'] } };
    expect(target(infer('apps/agent', FILES, {}, nxJson), 'image').inputs).toContain('sharedGlobals');
    expect(image.inputs).not.toContain('sharedGlobals');
  });
});

test('plans and pushes are never cached', () => {
  const project = infer('apps/agent', FILES);
  expect(target(project, 'image-plan')).toMatchObject({ executor: '@baton/nx:image-plan', cache: false });
  expect(target(project, 'image-plan').dependsOn).toEqual(target(project, 'image').dependsOn);
  expect(target(project, 'publish')).toMatchObject({
    executor: '@baton/nx:publish',
    cache: false,
    dependsOn: ['image'],
  });
  expect(target(project, 'verify')).toMatchObject({
    executor: '@baton/nx:verify',
    cache: false,
    dependsOn: ['publish'],
  });
});

test('a manifest in the workspace root is a project like others', () => {
  const project = infer('.', { '.': AGENT.replaceAll('../../', '').replaceAll('../', 'apps/') });
  expect(project.root).toBe('.');
  expect(target(project, 'image').inputs).toContainEqual({ dependentTasksOutputFiles: 'dist/bundle/**/*' });
});
