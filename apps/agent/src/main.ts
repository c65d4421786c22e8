// The node agent (docs/agent.md). With `chroot-exec` as its first argument it is the launcher of one command instead,
// which the agent starts from this same file.
import { runAgent, runLauncher } from '@baton/node-agent';

if (process.argv[2] === 'chroot-exec') {
  process.exitCode = runLauncher(process.argv.slice(3));
} else {
  // Everything is written by then; what a crashed run leaves open (a command that lives on) must not be waited for.
  void runAgent().then((status) => process.exit(status));
}
