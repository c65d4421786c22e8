import { spawn } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startRegistryServer } from '@baton/testkit';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import { pluginPackage } from './artefacts.ts';
import { agent, builtDigest, type NxWorkspace, nxCommand, nxWorkspace } from './nx-workspace.ts';

// Bounds for hanging, not for speed.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

let plugin: string;

beforeAll(async () => {
  plugin = await pluginPackage();
});

describe('one agent', () => {
  let workspace: NxWorkspace;

  beforeAll(async () => {
    const bundle = 'bundle: { command: [node, make.mjs], inputs: [src, make.mjs] }\n';
    workspace = await nxWorkspace(plugin, {
      'one/agent.yaml': agent(
        'one',
        `${bundle}image:\n  version: 1.0.0\n  layers: [{ from: dist/bundle, to: /app }]\n`,
      ),
      'one/make.mjs': `import { cpSync } from 'node:fs'; cpSync('src', 'dist/bundle', { recursive: true });`,
      'one/src/main.cjs': 'console.log(1);',
      'bad/agent.yaml': agent('bad', 'image:\n  layers: [{ from: absent, to: /absent }]\n'),
      // Not tracked by git, made by nobody that Nx knows: the content itself has to be watched.
      'loose/agent.yaml': agent('loose', 'image:\n  layers: [{ from: out, to: /out }]\n'),
      'loose/.gitignore': 'out\n',
    });
    await workspace.write({ 'loose/out/x': '1' });
  });

  test('is explained by Nx', async () => {
    const { output } = await workspace.nx(['show', 'target', 'outputs', 'one:image']);
    expect(output).toContain('one/dist/image');
    const { output: help } = await workspace.nx(['run', 'one:image', '--help']);
    expect(help).toContain('Build the image of an agent');
    expect(help).toMatch(/--release +.*\[string\]/);
  });

  test('is bundled first, and bundled again when its source changes', async () => {
    expect((await workspace.nx(['run', 'one:image'])).code).toBe(0);
    const before = builtDigest(join(workspace.dir, 'one'));
    await workspace.commit('source', { 'one/src/main.cjs': 'console.log(2);' });
    expect((await workspace.nx(['run', 'one:image'])).code).toBe(0);
    expect(builtDigest(join(workspace.dir, 'one'))).not.toBe(before);
  });

  test('is built the same in a process of its own', async () => {
    const batched = builtDigest(join(workspace.dir, 'one'));
    const { code, output } = await workspace.nx(['run', 'one:image', '--batch=false', '--skip-nx-cache', '--force']);
    expect(code).toBe(0);
    expect(output).toContain(`built ${batched}`);
  });

  test('has a plan that writes nothing of the image', async () => {
    rmSync(join(workspace.dir, 'one/dist/image'), { recursive: true });
    const { code, output } = await workspace.nx(['run', 'one:image-plan']);
    expect(output).toContain('files dist/bundle -> /app');
    expect(code).toBe(0);
    expect(existsSync(join(workspace.dir, 'one/dist/image'))).toBe(false);
  });

  test.each([
    ['--dry-run', ['--dry-run'], {}],
    ['NX_DRY_RUN', [], { NX_DRY_RUN: 'true' }],
  ])('refuses %s, also where a cached image could be restored', async (_title, args, env) => {
    const { code, output } = await workspace.nx(['run', 'one:image', ...args], env);
    expect(output).toContain('npx nx run one:image-plan');
    expect(code).toBe(1);
    expect(existsSync(join(workspace.dir, 'one/dist/image'))).toBe(false);
  });

  test('answers a mistyped option with the one that was meant', async () => {
    const { code, output } = await workspace.nx(['run', 'one:image', '--relase=2.0.0']);
    expect(output).toContain('error USAGE: image has no option "relase"\n  hint: Did you mean release?');
    expect(code).toBe(1);
  });

  test('that fails is alone in that', async () => {
    const { code, output } = await workspace.nx(['run-many', '-t', 'image']);
    expect(output).toMatch(/error LAYER_SOURCE_MISSING: .*absent/);
    expect(output).not.toMatch(/^\s+at .*\(/m);
    expect(code).toBe(1);
    expect(existsSync(join(workspace.dir, 'one/dist/image/index.json'))).toBe(true);
  });

  test('watches what git ignores and no target makes', async () => {
    expect((await workspace.nx(['run', 'loose:image'])).code).toBe(0);
    const before = builtDigest(join(workspace.dir, 'loose'));
    await workspace.write({ 'loose/out/x': '2' });
    expect((await workspace.nx(['run', 'loose:image'])).code).toBe(0);
    expect(builtDigest(join(workspace.dir, 'loose'))).not.toBe(before);
  });

  test('keeps the signature of its statement in the cache, and signs anew with another key', async () => {
    const statement = join(workspace.dir, 'one/dist/evidence/image.dsse.json');
    const env = { BATON_SIGNING_KEY: join(workspace.caches, 'key.pem') };
    const signed = async (): Promise<{ signature: string; cached: boolean }> => {
      rmSync(join(workspace.dir, 'one/dist'), { recursive: true, force: true });
      const { code, output } = await workspace.nx(['run', 'one:image'], env);
      expect(code).toBe(0);
      return { signature: readFileSync(statement, 'utf8'), cached: /one:image +\[local cache\]/.test(output) };
    };
    const newKey = (): void => {
      const { privateKey } = generateKeyPairSync('ed25519');
      writeFileSync(env.BATON_SIGNING_KEY, privateKey.export({ format: 'pem', type: 'pkcs8' }), { mode: 0o600 });
    };
    newKey();
    const { signature, cached } = await signed();
    expect(cached).toBe(false);
    expect(await signed()).toEqual({ signature, cached: true });
    newKey();
    expect(await signed()).not.toHaveProperty('signature', signature);
  });

  test('with a broken manifest stops Nx with one line that says where', async () => {
    await workspace.write({ 'bad/agent.yaml': 'version: 1\nname: bad\nimagee: {}\n' });
    const { code, output } = await workspace.nx(['show', 'projects']);
    expect(output).toMatch(/bad\/agent\.yaml:3:1: .*"imagee".*"image"/);
    expect(output).not.toMatch(/^\s+at /m);
    expect(code).toBe(1);
    await workspace.git('checkout', '--', 'bad/agent.yaml');
  });
});

test('what is built as a release is published as it is', async () => {
  const registry = await startRegistryServer();
  try {
    const image = `image:\n  repository: ${registry.host}/one\n  layers: [{ from: files, to: /files }]\n`;
    const workspace = await nxWorkspace(plugin, { 'one/agent.yaml': agent('one', image), 'one/files/x': 'x' });
    const first = await workspace.nx(['run', 'one:publish', '--release=1.0.0']);
    expect(first).toMatchObject({ code: 0 });
    expect(first.output).toContain(`/one:1.0.0@${builtDigest(join(workspace.dir, 'one'))}`);
    await workspace.commit('next', { 'one/files/x': 'y' });
    expect((await workspace.nx(['run', 'one:image', '--release=1.1.0'])).code).toBe(0);
    const labelled = builtDigest(join(workspace.dir, 'one'));
    const second = await workspace.nx(['run', 'one:publish', '--release=1.1.0', '--exclude-task-dependencies']);
    expect(second.output).toContain(`/one:1.1.0@${labelled}`);
    expect(first.output).not.toContain(labelled);
    const plan = await workspace.nx([
      'run',
      'one:publish',
      '--release=1.1.0',
      '--dry-run',
      '--exclude-task-dependencies',
    ]);
    expect(plan.output).toContain('already published');
    const verified = await workspace.nx(['run', 'one:verify', '--exclude-task-dependencies']);
    expect(verified).toMatchObject({ code: 0 });
    expect(verified.output).toContain(`verified ${registry.host}/one@${labelled}`);
    expect(existsSync(join(workspace.dir, 'one/dist/evidence/verify.json'))).toBe(true);
    const held = await workspace
      .commit('other', { 'one/agent.yaml': agent('one', `${image}  user: "7:7"\n`) })
      .then(() => workspace.nx(['run', 'one:verify', '--exclude-task-dependencies']));
    expect(held.code).toBe(1);
    expect(held.output).toMatch(/VERIFY_FAILED.*user/);
  } finally {
    await registry.stop();
  }
});

test('Nx that is killed takes its worker along', async () => {
  const registry = await startRegistryServer();
  try {
    const workspace = await nxWorkspace(plugin, {
      'one/agent.yaml': agent(
        'one',
        `image:\n  repository: ${registry.host}/one\n  layers: [{ from: files, to: /files }]\n`,
      ),
      'one/files/x': 'x',
    });
    expect((await workspace.nx(['run', 'one:image'])).code).toBe(0);
    const { command, args, ...rest } = nxCommand(workspace.dir, workspace.caches, ['run', 'one:publish']);
    const nx = spawn(command, args, { ...rest, stdio: 'ignore' });
    // The registry answers the worker no more once Nx is dead.
    const workers = new Promise<number[]>((resolve) => {
      const run = async (): Promise<void> => {
        resolve(batchWorkers(workspace.dir));
        nx.kill('SIGKILL');
        await new Promise(() => undefined);
      };
      registry.inject({ method: 'POST' }, { kind: 'after', run });
    });
    const pids = await workers;
    expect(pids).toHaveLength(1);
    await Promise.all(pids.map(gone));
  } finally {
    await registry.stop();
  }
});

function batchWorkers(cwd: string): number[] {
  const commands = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return commands.map(Number).filter((pid) => {
    const command = textOf(`/proc/${pid}/cmdline`);
    return command.includes('run-batch') && textOf(`/proc/${pid}/environ`).includes(`NX_WORKSPACE_ROOT=${cwd}`);
  });
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

async function gone(pid: number): Promise<void> {
  while (textOf(`/proc/${pid}/cmdline`).includes('run-batch')) await new Promise((resolve) => setTimeout(resolve, 10));
}
