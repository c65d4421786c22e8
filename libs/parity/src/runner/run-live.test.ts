import { join } from 'node:path';
import { readStatement } from '@baton/evidence';
import { loadManifest } from '@baton/manifest';
import { needs, temporaryDirectory, writeFiles } from '@baton/testkit';
import { expect, test } from 'vitest';
import { parityRunOptions } from '../options.ts';
import { runParity } from './run-parity.ts';
import { showEvidence } from './show-evidence.ts';
import { testIo } from './test-parity.ts';

const manifest = (clock = ''): string => `
version: 1
name: greeter
parity:
  scenarios: scenarios
  old: { command: [/bin/sh, /agent.sh], mounts: [{ from: old.sh, to: /agent.sh }] }
  new: { command: [/bin/sh, /agent.sh], mounts: [{ from: new.sh, to: /agent.sh }] }
${clock}`;
const scenario = (id: string, argv: string): string =>
  `apiVersion: parity/v1\nid: ${id}\nwhy: it greets\nroot: { base: none }\nruns: [{ argv: ${argv} }]\n`;

// It greets whom it is told to, writes that down, and wants a name.
const OLD = `
if [ -z "$2" ]; then echo "no name" >&2; exit 2; fi
echo "hello, $2"
echo "$2" > "$1/greeted"; chmod 600 "$1/greeted"
`;

async function project(changed: string): Promise<string> {
  const dir = temporaryDirectory('parity-live');
  await writeFiles(dir, {
    'agent.yaml': manifest(),
    'old.sh': OLD,
    'new.sh': changed,
    'scenarios/greet/one.yaml': scenario('greet/one', '["{root}", one]'),
    'scenarios/greet/bytes.yaml': scenario('greet/bytes', '["{root}", "é"]'),
    'scenarios/greet/nobody.yaml': scenario('greet/nobody', '["{root}"]'),
  });
  return dir;
}

needs('root', 'busybox', 'tmpfs').describe('two live programs', () => {
  const run = async (dir: string) =>
    await runParity(await loadManifest(dir), parityRunOptions.parse({ path: dir }), testIo(join(dir, 'cache')));

  test('that do the same are equal, and are remembered', { timeout: 60_000 }, async () => {
    const dir = await project(`# the same in other words\n${OLD}`);
    const result = await run(dir);
    expect(result.scenarios.map(({ scenario: id, state, reason }) => `${id} ${state} ${reason ?? ''}`.trim())).toEqual([
      'greet/bytes equal',
      'greet/nobody equal',
      'greet/one equal',
    ]);
    expect(result.exitCode).toBe(0);
    expect(result.old.digest).not.toBe(result.new.digest);
    const { statement } = await readStatement(join(dir, 'dist/evidence/parity.json'));
    expect(statement.predicate.result).toBe('equal');
    const again = await run(dir);
    expect(again.scenarios.filter(({ cached }) => cached)).toHaveLength(2);
    expect(again.exitCode).toBe(0);
  });

  test('that differ in a letter, a mode and an exit code are told apart in just these', {
    timeout: 60_000,
  }, async () => {
    const dir = await project(OLD.replace('hello', 'hallo').replace('600', '644').replace('exit 2', 'exit 3'));
    const result = await run(dir);
    const found = result.scenarios.map(({ scenario: id, divergences }) => [
      id,
      ...divergences.map(({ channel, kind }) => `${channel} ${kind}`),
    ]);
    expect(found).toEqual([
      ['greet/bytes', 'run1/stdout bytes', 'host:/greeted mode'],
      ['greet/nobody', 'run1/exit exit'],
      ['greet/one', 'run1/stdout bytes', 'host:/greeted mode'],
    ]);
    expect(result.exitCode).toBe(1);
    expect((await showEvidence({ path: dir, only: ['greet/one'] })).text).toContain('hello, one');
  });

  test('one program twice is refused', { timeout: 60_000 }, async () => {
    await expect(run(await project(OLD))).rejects.toMatchObject({ code: 'SUBJECTS_IDENTICAL' });
  });
});
