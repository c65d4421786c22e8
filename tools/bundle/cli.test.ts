import { spawnSync } from 'node:child_process';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { runNode, temporaryDirectory, writeFiles } from '@baton/testkit';
import { beforeAll, describe, expect, test } from 'vitest';
import { ROOT } from './bundle-program.ts';
import { type BundledCli, bundleCli, packageCli } from './cli.ts';

let bundled: BundledCli;
beforeAll(async () => {
  bundled = await bundleCli(temporaryDirectory('bundle'));
});

const baton = async (args: string[], env: NodeJS.ProcessEnv = {}) => {
  const { code, stdout, stderr } = await runNode(bundled.program, args, {
    env: { BATON_CACHE_DIR: '/nonexistent/cache', ...env },
  });
  return { code, stdout: stdout.toString('utf8'), stderr: stderr.toString('utf8') };
};

describe('the bundled command', () => {
  test('runs alone: help, version, a wrong call', async () => {
    expect((await baton(['--help'])).stdout).toMatch(/^Baton hands an agent over/);
    expect(await baton(['--version', '--json'])).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^\{"ok":true,"result":\{"baton":/),
    });
    expect(await baton(['image', 'publsh'])).toEqual({
      code: 2,
      stdout: '',
      stderr:
        'error USAGE: unknown command "publsh" after "baton image"\n' +
        '  hint: Did you mean "publish"? "baton image --help" shows the commands.\n',
    });
  });

  test('every command loads', async () => {
    const commands = [
      'plan',
      'build',
      'publish',
      'verify',
      'load',
      'rootfs',
      'lint',
      'attest',
      'export',
      'inspect',
      'lock',
    ];
    for (const command of commands) {
      expect(await baton(['image', command, '--help'])).toMatchObject({ code: 0, stderr: '' });
    }
    expect(await baton(['evidence', 'show', '/nonexistent'])).toMatchObject({ code: 1 });
    expect(await baton(['doctor', '--json'])).toMatchObject({ code: 0, stderr: '' });
  });

  test('reads Dockerfiles and looks for engines with what lies beside it', async () => {
    const dir = temporaryDirectory('dockerfile');
    writeFileSync(join(dir, 'Dockerfile'), 'FROM scratch\nADD https://example.com/x /x\nENTRYPOINT ["/x"]\n');
    expect((await baton(['image', 'lint', dir])).stdout).toMatch(/:2:\d+ +error +add-url/);
    const loading = await baton(['image', 'load', 'localhost:1/x:1'], { DOCKER_HOST: 'unix:///nowhere/engine.sock' });
    expect(loading.stderr).toMatch(/ENGINE_UNAVAILABLE|REGISTRY_UNREACHABLE/);
  });

  test('compares: knows its own digest, and has the source of the feeder beside it', async () => {
    const beside = readFileSync(join(dirname(bundled.program), 'feeder.c'));
    expect(beside.equals(readFileSync(join(ROOT, 'libs/parity/feeder/feeder.c')))).toBe(true);
    const dir = temporaryDirectory('parity');
    const scenario = 'apiVersion: parity/v1\nid: a/one\nwhy: it ends\nruns: [ { argv: [] } ]\n';
    await writeFiles(dir, {
      'agent.yaml': 'version: 1\nname: a\nparity: { old: { command: [/bin/true] }, new: { command: [/bin/true] } }\n',
      'parity/scenarios/a/one.yaml': scenario,
    });
    const ran = await baton(['parity', 'run', dir]);
    expect(ran.stderr).toMatch(/SUBJECTS_IDENTICAL|NAMESPACE_UNAVAILABLE/);
  });

  test('the same sources give the same bytes, wherever they go, and name no place of this machine', async () => {
    const again = await bundleCli(temporaryDirectory('elsewhere'));
    for (const file of ['baton.cjs', 'baton-cli.cjs']) {
      const bytes = readFileSync(join(dirname(bundled.program), file));
      expect(readFileSync(join(dirname(again.program), file)).equals(bytes)).toBe(true);
      expect(bytes.includes(ROOT)).toBe(false);
    }
    expect(statSync(bundled.program).mode & 0o777).toBe(0o755);
    expect(readFileSync(bundled.program, 'utf8')).toMatch(/^#!\/usr\/bin\/env node\n/);
  });

  test('the fast path holds no schemas, no YAML, no option parser and nothing that builds', () => {
    const inputs = Object.keys(bundled.metafiles['baton.cjs'].inputs);
    expect(inputs).toContain('libs/image/src/unchanged.ts');
    expect(
      inputs.filter((path) => /node_modules|\/(cli|program|options|build-image|publish-image|load)\.ts$/.test(path)),
    ).toEqual([]);
  });

  test('looking around leaves nothing in the cache', async () => {
    const cache = temporaryDirectory('cache');
    await baton(['--help'], { BATON_CACHE_DIR: join(cache, 'none') });
    expect(statSync(join(cache, 'none'), { throwIfNoEntry: false })).toBeUndefined();
  });
});

describe('an old Node', () => {
  const complaint = /^error TOOL_MISSING: Baton needs Node 22\.18\.0 or newer, found \d+\.\d+\.\d+ \(.*\)\n {2}hint: /;

  test('is told so before anything else', async () => {
    const pretend = "data:text/javascript,Object.defineProperty(process.versions,'node',{value:'20.1.0'})";
    const ran = spawnSync(process.execPath, ['--import', pretend, bundled.program, '--help'], { encoding: 'utf8' });
    expect(ran).toMatchObject({ status: 3, stdout: '', stderr: expect.stringMatching(complaint) });
  });

  const old = oldNode();
  test.skipIf(old === undefined)(`can read the file (${old ?? 'skipped: no older Node on the PATH'})`, () => {
    const ran = spawnSync(old ?? '', [bundled.program, 'doctor'], { encoding: 'utf8' });
    expect(ran).toMatchObject({ status: 3, stdout: '', stderr: expect.stringMatching(complaint) });
  });
});

test('the package has a manifest, the program, a readme and the licence, and nothing to install', async () => {
  const directory = await packageCli(join(temporaryDirectory('package'), 'cli'));
  const manifest = JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8')) as Record<string, unknown>;
  expect(manifest).toMatchObject({ name: '@baton/cli', type: 'commonjs', bin: { baton: 'baton.cjs' } });
  expect(Object.keys(manifest).filter((key) => /dependencies|scripts|private/i.test(key))).toEqual([]);
  for (const file of ['baton.cjs', 'baton-cli.cjs', 'README.md', 'LICENSE'])
    expect(statSync(join(directory, file)).size).toBeGreaterThan(0);
});

/** A Node on the PATH that is too old for Baton. */
function oldNode(): string | undefined {
  const places = (process.env.PATH ?? '').split(delimiter).map((place) => join(place, 'node'));
  return places.find((node) => {
    const version = spawnSync(node, ['--version'], { encoding: 'utf8' }).stdout ?? '';
    const [major = 99, minor = 99] = version.trim().replace('v', '').split('.').map(Number);
    return version !== '' && (major < 22 || (major === 22 && minor < 18));
  });
}
