// Prints which signals a candidate finds ignored. Started by a shell that ignores some (container.test.ts).
import { join } from 'node:path';
import { findProgram } from '@baton/testkit';
import { copyBusybox } from './container.ts';
import { observe } from './observe.ts';
import { readScenario } from './scenario.ts';
import { shellCandidate } from './test-shell-candidate.ts';

const [directory = ''] = process.argv.slice(2);
const { runs } = await observe(
  readScenario('tee-two-writes'),
  shellCandidate(directory, 'exec grep SigIgn /proc/self/status'),
  copyBusybox(findProgram('busybox') ?? '', directory),
  join(directory, 'scenario'),
);
process.stdout.write(runs[0]?.stdout ?? '');
