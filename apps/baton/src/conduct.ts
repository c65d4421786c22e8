import { BatonError, cacheDir, type Emit, errnoOf, toBatonError } from '@baton/kernel';
import { chooseMode, createReporter, errorDocument, renderError, resultDocument } from '@baton/report';
import type { CommandContext, Outcome } from './command.ts';
import type { Globals } from './globals.ts';
import { watchInterrupts } from './interrupts.ts';
import { openOutput } from './output.ts';

/**
 * Runs one piece of work as a process: progress to standard error, the result to standard output, signals to its abort
 * signal, and whatever is thrown to an error of ours. Returns the exit code.
 *
 * With `--json` standard output carries exactly one JSON document: `{ ok: true, result }` or `{ ok: false, error }` (with
 * `result` beside it when there is an answer and it is no).
 */
export async function conduct(
  globals: Globals,
  work: (context: CommandContext) => Promise<Outcome | undefined>,
): Promise<number | undefined> {
  const stdout = openOutput(process.stdout);
  const stderr = openOutput(process.stderr);
  const look = lookOf(globals, process.env);
  const reporter = createReporter({
    mode: look.mode,
    write: stderr.write,
    columns: () => process.stderr.columns ?? 80,
  });
  const interrupts = watchInterrupts((text) => {
    if (look.mode === 'plain' || look.mode === 'terminal') reporter.emit({ type: 'note', label: text.trimEnd() });
  });
  // For people the result itself says that it is done, and with what.
  const emit: Emit = (event) => {
    if (globals.json || event.type !== 'done') reporter.emit(event);
  };
  const { signal } = interrupts;
  const context = { emit, signal, shutdown: signal, cacheDir: cacheDir(process.env), env: process.env };

  const finish = async (outcome: Outcome | undefined, error: BatonError | undefined): Promise<number> => {
    reporter.close();
    if (globals.json) {
      const document = error === undefined ? resultDocument(outcome?.result) : errorDocument(error);
      const whole = error !== undefined && outcome !== undefined ? { ...document, result: outcome.result } : document;
      stdout.write(`${JSON.stringify(whole)}\n`);
    } else {
      if (outcome !== undefined && outcome.text !== '') stdout.write(`${outcome.text.trimEnd()}\n`);
      if (error !== undefined) stderr.write(`${renderError(error, { color: look.color, verbose: globals.verbose })}\n`);
      if (error !== undefined && 'help' in error) stderr.write(`\n${String(error.help)}`);
    }
    await stdout.flushed();
    await stderr.flushed();
    return error?.exitCode ?? 0;
  };

  const faults = watchFaults();
  try {
    if (globals.directory !== undefined) enter(globals.directory);
    const outcome = await Promise.race([work(context), faults.happened]);
    if (outcome === undefined) return undefined;
    return await finish(outcome, outcome.error);
  } catch (thrown) {
    return await finish(undefined, asError(thrown, interrupts.signal));
  } finally {
    reporter.close();
    faults.stop();
    interrupts.stop();
  }
}

function lookOf(globals: Globals, env: NodeJS.ProcessEnv) {
  const isTty = process.stderr.isTTY === true && env.TERM !== 'dumb';
  const noColor = !globals.color || isSet(env.NO_COLOR);
  const ci = isSet(env.CI) && env.CI !== 'false';
  return { color: isTty && !noColor, mode: chooseMode({ ...globals, isTty, noColor, ci }) };
}

function isSet(value: string | undefined): boolean {
  return value !== undefined && value !== '';
}

function enter(directory: string): void {
  try {
    process.chdir(directory);
  } catch (error) {
    throw new BatonError('USAGE', `-C ${directory}: cannot enter this directory (${errnoOf(error) ?? 'unknown'})`, {
      hint: ['EACCES', 'EPERM'].includes(errnoOf(error) ?? '')
        ? 'Check the permissions of the directory and of those above it.'
        : 'Name a directory that exists.',
      cause: error,
    });
  }
}

// After an abort, whatever broke did so because of it: a closed socket, a killed child.
function asError(thrown: unknown, signal: AbortSignal): BatonError {
  const error = toBatonError(thrown);
  if (!signal.aborted || error.code === 'INTERRUPTED') return error;
  return new BatonError('INTERRUPTED', 'interrupted before it was done', {
    hint: 'Run the same command again: finished parts are kept.',
    cause: thrown,
  });
}

/** Rejects when something is thrown outside the work, or when nothing is left that could end it. */
function watchFaults(): { happened: Promise<never>; stop(): void } {
  let onFault: (error: unknown) => void = () => undefined;
  const happened = new Promise<never>((_, reject) => {
    onFault = reject;
  });
  happened.catch(() => undefined);
  const onIdle = (): void =>
    onFault(new BatonError('INTERNAL', 'the work stopped without an end: nothing is left to wait for'));
  process.on('uncaughtException', onFault);
  process.on('beforeExit', onIdle);
  return {
    happened,
    stop() {
      process.off('uncaughtException', onFault);
      process.off('beforeExit', onIdle);
    },
  };
}
