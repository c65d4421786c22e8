// Prints which signals a subject finds ignored. Started by a shell that ignores some (process-subject.test.ts).
import { runShell } from './subject.fixture.ts';

const { text } = await runShell('exec grep SigIgn /proc/self/status');
process.stdout.write(text);
