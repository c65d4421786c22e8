import { connectEngine, type Engine } from '@baton/engine';
import { needs, startEngine, type TestEngine } from '@baton/testkit';
import { afterAll, beforeAll, expect } from 'vitest';
import type { Scenario } from '../model/scenario.ts';
import { createSubject } from './create-subject.ts';
import { imageFile, testLayout } from './image.fixture.ts';
import { observed, testScenario, textOf } from './subject.fixture.ts';

needs('dockerd', 'busybox').describe('an image in a container engine', () => {
  const test = needs('dockerd', 'busybox');
  let server: TestEngine;
  let engine: Engine;
  beforeAll(async () => {
    server = await startEngine();
    engine = connectEngine({ DOCKER_HOST: server.host });
  }, 120_000);
  afterAll(async () => {
    engine.close();
    await server.stop();
  }, 60_000);

  const more = [imageFile('etc/app/a', 'a'), imageFile('etc/app/b', 'b'), imageFile('etc/app/c', 'c')];
  const run = async (script: string, changes: Partial<Scenario> = {}) => {
    const layout = await testLayout(script, more);
    const seen = async (driver: 'engine' | 'chroot') => {
      const subject = await createSubject({ kind: 'image', layout, driver }, { engine, grace: 0.5 });
      return await observed(subject, testScenario(changes)).finally(() => subject.close());
    };
    return { engine: await seen('engine'), chroot: await seen('chroot') };
  };

  test('does the same as unpacked: streams, ending, both trees', async () => {
    const script = [
      'echo "$@"; pwd; tr "\\000" "|" </proc/$$/environ; printf "\\377" >&2',
      'echo more >>/etc/app/a; chmod 600 /etc/app/b; rm /etc/app/c; mkdir -p /var/log/x; touch /t/root/new; exit 7',
    ].join('\n');
    const both = await run(script, {
      env: [{ name: 'odd.name', value: Buffer.from([0xff, 0x27]) }],
      cwd: '/w',
      container: [{ path: '/etc/laid', type: 'file', mode: '0640', contents: Buffer.from('x') }],
    });
    const told = ({ runs, host, container, leftovers }: typeof both.engine) => ({
      runs: runs.map(({ end, stdout, stderr }) => [end, textOf(stdout), textOf(stderr)]),
      host,
      container,
      leftovers,
    });
    expect(told(both.engine)).toEqual(told(both.chroot));
    expect(both.engine.runs[0]?.end).toEqual({ kind: 'exit', code: 7 });
    expect(both.engine.container.rows.map(({ path }) => path)).toContain('/etc/app/a');
  }, 120_000);

  test('tells a signal from a code, and what was left running', async () => {
    expect((await run('sleep 50 & kill -TERM $$')).engine).toMatchObject({
      runs: [{ end: { kind: 'signal', signal: 'TERM' } }],
      leftovers: ['sleep 50'],
    });
    expect((await run('exit 143')).engine.runs[0]?.end).toEqual({ kind: 'exit', code: 143 });
  }, 120_000);

  test('sends signals to the subject, and leaves no container', async () => {
    const script = 'trap "echo got; exit 3" TERM; : >/t/root/started; while :; do sleep 0.05; done';
    const actions = [{ waitFor: '/started', delay: 0.1, signal: 'TERM', to: 'subject' as const }];
    const { engine: seen } = await run(script, { runs: [{ argv: [], env: [], before: [], actions }] });
    expect(seen.runs[0]).toMatchObject({ end: { kind: 'exit', code: 3 } });
    expect(seen.runs[0]?.faults).toBeUndefined();
    expect(seen.text).toBe('got\n');
  }, 120_000);
});
