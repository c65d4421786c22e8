import { chmodSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { findProgram, temporaryRepository, writeFiles } from '@baton/testkit';
import { describe, expect, test } from 'vitest';
import type { Finding } from '../doctor/finding.ts';
import { testMachine } from '../doctor/test-machine.ts';
import { document, runBaton } from '../test-baton.ts';

const MANIFEST = `version: 1
name: small
bundle: { command: [./make-bundle] }
image:
  repository: registry.example/small
  base: scratch
  layers:
    - { npm: left, version: 1.0.0, to: /left }
    - { debian: [libc6] }
`;

test('a bare machine is told what each lack costs, and that is no failure', async () => {
  const ran = await runBaton(['doctor'], testMachine());
  expect(ran).toMatchObject({ code: 0, stderr: '' });
  expect(ran.stdout).toMatch(/^Node +ok +\d+\.\d+\.\d+ \(/);
  expect(ran.stdout).toMatch(/^Git +missing +no git on the PATH$/m);
  expect(ran.stdout).toMatch(/^ {2}Git +Images carry no revision/m);
  expect(ran.stdout).toMatch(/^ {2}Container engine +Nothing: images are built and published without/m);
  expect(ran.stdout).toContain('There is no agent.yaml in this directory; nothing is demanded of this machine.');
});

test('git is asked for its version, its repository and its history', async () => {
  const place = testMachine();
  symlinkSync(findProgram('git') ?? expect.unreachable('these tests need git'), join(place.bin, 'git'));
  const repository = await temporaryRepository({ 'a.txt': 'a' });
  await repository.commit('second', { 'a.txt': 'b' });
  const clone = join(place.home, 'clone');
  await repository.git('clone', '--quiet', '--depth=1', `file://${repository.dir}`, clone);
  const found: (Finding | undefined)[] = [];
  for (const cwd of [place.cwd, repository.dir, clone]) {
    const { result } = document(await runBaton(['doctor', '--json'], { ...place, cwd })) as {
      result: { findings: Finding[] };
    };
    found.push(result.findings.find(({ id }) => id === 'git'));
  }
  expect(found).toMatchObject([
    { state: 'limited', detail: expect.stringContaining('in no repository') },
    { state: 'here', detail: expect.stringContaining(`repository ${repository.dir}`) },
    {
      state: 'limited',
      detail: expect.stringContaining('shallow clone'),
      cost: expect.stringContaining('--unshallow'),
    },
  ]);
});

describe('with a manifest', () => {
  test('fails when something is missing that it needs, and names it all', async () => {
    const place = testMachine();
    await writeFiles(place.cwd, { 'agent.yaml': MANIFEST });
    const ran = await runBaton(['doctor'], place);
    expect(ran.code).toBe(3);
    expect(ran.stderr.split('\n')[0]).toBe(
      'error TOOL_MISSING: agent.yaml needs what this machine lacks: npm (it has a layer from an npm package), ' +
        'apt-get, dpkg-deb (it has a layer from Debian packages), Bundle command (bundle.command)',
    );
    expect(ran.stdout).toContain('agent.yaml cannot be built here.');
  });

  test('is content when all is there; -C names the project', async () => {
    const place = testMachine({ npm: '11.0.0', 'apt-get': '2.6.1', 'dpkg-deb': '1.21.22' });
    await writeFiles(place.cwd, { 'agent.yaml': MANIFEST, 'make-bundle': '#!/bin/sh\n' });
    chmodSync(join(place.cwd, 'make-bundle'), 0o755);
    const ran = await runBaton(['-C', 'project', 'doctor'], { ...place, cwd: place.home });
    expect(ran).toMatchObject({ code: 0, stderr: '' });
    expect(ran.stdout).toContain('agent.yaml can be built here: all of 4 needs met.');
  });

  test('an invalid one is its error, after the findings; --json has both', async () => {
    const place = testMachine();
    await writeFiles(place.cwd, { 'agent.yaml': 'version: 1\nname: small\nimge: {}\n' });
    const ran = await runBaton(['doctor'], place);
    expect(ran.code).toBe(2);
    expect(ran.stderr).toMatch(/^error MANIFEST_INVALID: .*agent\.yaml:3:1: /);
    expect(ran.stdout).toMatch(/^Node +ok/);
    expect(ran.stdout).toContain('agent.yaml cannot be read, so it is not known what it needs.');
    expect(document(await runBaton(['doctor', '--json'], place))).toMatchObject({
      ok: false,
      error: { code: 'MANIFEST_INVALID', exitCode: 2 },
      result: { manifest: null, findings: expect.arrayContaining([expect.objectContaining({ id: 'node' })]) },
    });
  });
});
