// A program for back-pressure.test.ts: runs the shell script of its first argument with stdout as the agent's own, log in
// its second argument, and says on stderr by how many KiB its memory grew at most.
import { resolve } from 'node:path';
import { createStartLauncher } from '../launcher/start-launcher.ts';
import { createClock } from '../time/clock.ts';
import { createAgentStderr } from './agent-stderr.ts';
import { createAgentStdout } from './agent-stdout.ts';
import { createRunCommand } from './run-command.ts';

const [script = '', log = ''] = process.argv.slice(2);
const { runCommand } = createRunCommand({
  env: new Map([['PATH', process.env.PATH ?? '']]),
  bufferLimit: 8192n,
  clock: createClock(undefined),
  stdout: createAgentStdout(),
  stderr: createAgentStderr(),
  startLauncher: createStartLauncher({
    entry: resolve(import.meta.dirname, '../launcher/test-launcher-entry.ts'),
    execArgv: [],
  }),
});
const run = (text: string): Promise<number> =>
  runCommand(
    { argv: ['sh', '-c', text], rootMount: 'local', copyDir: '/', noChmod: true, env: new Map() },
    { out: log, err: `${log}.err` },
  );
await run('echo warm');
const before = process.resourceUsage().maxRSS;
await run(script);
process.stderr.write(String(process.resourceUsage().maxRSS - before));
