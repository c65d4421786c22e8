import { readSettings } from './config/settings.ts';
import type { AgentContext, AgentStderr, AgentStdout } from './context.ts';
import { crashReport } from './crash.ts';
import { readArgv, readEnvironment } from './launcher/process-bytes.ts';
import { startUp } from './run/start-up.ts';
import { installSignals } from './signals.ts';
import { createAgentStderr } from './tee/agent-stderr.ts';
import { createAgentStdout } from './tee/agent-stdout.ts';
import type { CommandRunner } from './tee/run-command.ts';
import { createClock } from './time/clock.ts';

/** Freezes the wall clock; steps never see it. */
const CLOCK_VARIABLE = 'BATON_AGENT_CLOCK';

/** The node agent as a program: one run with the arguments, the environment and the streams of this process. Gives the exit status, 0 or 1. */
export async function runAgent(): Promise<number> {
  const stdout = createAgentStdout();
  const stderr = createAgentStderr();
  return reported({ stdout, stderr }, async () => startUp(assembleContext(stdout, stderr)));
}

/** One run in a given context (contract, section 4): crashes are reported on stderr, then stdout is flushed. Gives the exit status. */
export function runWith(context: AgentContext): Promise<number> {
  return reported(context, () => startUp(context));
}

async function reported(
  { stdout, stderr }: Pick<AgentContext, 'stdout' | 'stderr'>,
  run: () => Promise<number>,
): Promise<number> {
  let status = 1;
  try {
    status = await run();
  } catch (error) {
    report(stderr, error);
  }
  try {
    stdout.flush();
  } catch (error) {
    report(stderr, error);
    return 1;
  }
  return status;
}

function report(stderr: AgentStderr, error: unknown): void {
  try {
    stderr.write(crashReport(error));
  } catch {
    // Where stderr is gone, the exit status is all that can be told.
  }
}

function assembleContext(stdout: AgentStdout, stderr: AgentStderr): AgentContext {
  const env = readEnvironment();
  const clock = createClock(env.get(CLOCK_VARIABLE));
  env.delete(CLOCK_VARIABLE);
  delete process.env[CLOCK_VARIABLE];
  const signals = installSignals({ stdout, stderr });
  let runner: CommandRunner | undefined;
  return {
    argv: readArgv(),
    env,
    clock,
    stdout,
    stderr,
    terminated: () => signals.terminated(),
    pause: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
    runCommand: async (command, logs) => {
      // Loaded when it is needed: Node's own modules for child processes cost a fifth of the start.
      const { createRunCommand } = await import('./tee/run-command.ts');
      runner ??= createRunCommand({ env, bufferLimit: readSettings(env).bufferLimit, clock, stdout, stderr });
      signals.setRunning(runner);
      return runner.runCommand(command, logs);
    },
  };
}
