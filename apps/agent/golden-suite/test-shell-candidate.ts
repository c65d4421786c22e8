import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Candidate } from './candidate.ts';

/** A candidate that is a shell script, to try the harness with. */
export function shellCandidate(directory: string, script: string): Candidate {
  const source = join(directory, 'candidate');
  mkdirSync(source);
  writeFileSync(join(source, 'agent.sh'), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  return {
    name: 'a shell script',
    command: ['/candidate/agent.sh'],
    mounts: [{ source, target: '/candidate' }],
    frozenClock: (time) => ({ CLOCK: time }),
  };
}
