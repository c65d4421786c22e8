import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryDirectory } from '@baton/testkit';
import type { Content, Observation, Subject } from '../model/observation.ts';
import type { Scenario } from '../model/scenario.ts';
import { plainScenario } from '../model/test-scenario.ts';
import { createSubject } from './create-subject.ts';
import type { SubjectOptions } from './subject-spec.ts';

/** A scenario with one run and nothing else. */
export function testScenario(changes: Partial<Scenario> = {}): Scenario {
  return plainScenario({
    env: [{ name: 'PATH', value: Buffer.from('/bin') }],
    umask: '022',
    root: { mount: '/t/root', base: 'busybox', remove: [] },
    ...changes,
  });
}

/** A process subject that is a shell script. */
export async function shellSubject(script: string, options: SubjectOptions = {}): Promise<Subject> {
  const source = join(temporaryDirectory('subject'), 'candidate');
  mkdirSync(source);
  writeFileSync(join(source, 'agent.sh'), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  const mounts = [{ source, target: '/candidate' }];
  return await createSubject({ kind: 'process', command: ['/candidate/agent.sh'], mounts, clock: 'CLOCK' }, options);
}

/** What a subject did, and the text of all its standard output. */
export interface Told extends Observation {
  text: string;
}

/** Runs a scenario in a directory of its own. */
export async function observed(subject: Subject, scenario: Scenario, signal?: AbortSignal): Promise<Told> {
  const directory = temporaryDirectory('observed');
  const observation = await subject.observe(scenario, { directory, ...(signal !== undefined && { signal }) });
  return { ...observation, text: observation.runs.map(({ stdout }) => textOf(stdout)).join('') };
}

/** Bytes of a channel as characters of one byte each. */
export function textOf(content: Content | undefined): string {
  return content?.kind === 'bytes' ? content.bytes.toString('latin1') : '';
}

/** Runs a shell script once and closes everything. */
export async function runShell(
  script: string,
  changes: Partial<Scenario> = {},
  options: SubjectOptions = {},
): Promise<Told> {
  const subject = await shellSubject(script, options);
  try {
    return await observed(subject, testScenario(changes));
  } finally {
    await subject.close();
  }
}
