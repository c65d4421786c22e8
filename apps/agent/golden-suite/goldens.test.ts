import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { findProgram, needs, temporaryDirectory } from '@baton/testkit';
import { beforeAll, expect, test } from 'vitest';
import type { Candidate } from './candidate.ts';
import { compare } from './compare.ts';
import { copyBusybox } from './container.ts';
import { differenceReport } from './difference.ts';
import { atOwnLevel } from './latitude.ts';
import { buildNodeCandidate } from './node-candidate.ts';
import { observe } from './observe.ts';
import { readRecording } from './recording.ts';
import { readScenario, scenarioNames } from './scenario.ts';

// Where the trees of scenarios that fail stay, for somebody to look into.
const kept = process.env.BATON_KEEP_GOLDENS;

// Who may mount a tmpfs may also make a mount namespace.
needs('root', 'busybox', 'tmpfs').describe('as the reference agent did', () => {
  let candidate: Candidate;
  let busybox: string;
  let base: string;

  beforeAll(async () => {
    base = kept ?? temporaryDirectory('goldens');
    mkdirSync(base, { recursive: true });
    busybox = copyBusybox(findProgram('busybox') ?? '', base);
    candidate = await buildNodeCandidate(temporaryDirectory('goldens-candidate'));
  });

  // Most of the time is the agent's own pause before a step, so several run at once.
  for (const name of scenarioNames()) {
    const scenario = atOwnLevel(readScenario(name));
    test.concurrent(`${name}: ${scenario.title}`, { timeout: 60_000 }, async () => {
      const directory = join(base, name);
      rmSync(directory, { recursive: true, force: true });
      const differences = compare(
        scenario,
        readRecording(name),
        await observe(scenario, candidate, busybox, directory),
      );
      if (differences.length > 0) throw new Error(differenceReport(scenario, differences, kept && directory));
      rmSync(directory, { recursive: true, force: true });
    });
  }

  // Our own agent behind a shell that does one thing wrong: from there on everything is as in a run that should pass.
  const wrongs: Record<string, { script: string; where: RegExp }> = {
    'a letter': { script: '"$@" | sed s/SUCEEDED/SUCCEEDED/', where: /^run 1 stdout$/ },
    'the exit status': { script: '"$@"; exit 3', where: /^run 1 exit$/ },
    'a mode': {
      script: '"$@"; chmod 600 /t/root/etc/skyhook/flags/START',
      where: /^host \/etc\/skyhook\/flags\/START$/,
    },
    'a file': { script: '"$@"; rm /t/root/var/log/skyhook/demo/1.2.3/*.err', where: /^host .*<LOGTS>.log.err$/ },
    'the zone of the stamps': { script: 'TZ=Asia/Kolkata "$@"', where: /^(run 1 stdout|host .*)$/ },
    'a file in the container': { script: '"$@"; rmdir /var/log/skyhook/demo/1.2.3', where: /^container .*1\.2\.3$/ },
  };
  for (const [what, { script, where }] of Object.entries(wrongs)) {
    test.concurrent(`an agent that has ${what} wrong is refused`, { timeout: 60_000 }, async () => {
      const scenario = readScenario('cli-new-3args-apply');
      const wrong = { ...candidate, command: ['/bin/sh', '-c', script, 'sh', ...candidate.command] };
      const observation = await observe(scenario, wrong, busybox, join(base, `wrong-${what.replaceAll(' ', '-')}`));
      const differences = compare(scenario, readRecording(scenario.name), observation);
      expect(differences.length).toBeGreaterThan(0);
      for (const difference of differences) expect(difference.where).toMatch(where);
    });
  }
});
