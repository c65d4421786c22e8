// The program as apps/agent has it, for tests of this room.
import { runAgent, runLauncher } from './index.ts';

if (process.argv[2] === 'chroot-exec') process.exitCode = runLauncher(process.argv.slice(3));
else void runAgent().then((status) => process.exit(status));
