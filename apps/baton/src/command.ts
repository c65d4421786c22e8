import type { BatonError, Emit } from '@baton/kernel';
import type * as z from 'zod';
import { readOptions } from './read-options.ts';

/** What a command gets besides its options. */
export interface CommandContext {
  emit: Emit;
  /** Aborted by SIGINT and SIGTERM. */
  signal: AbortSignal;
  /** The same: with the command its process ends, and with it work that other processes wait for. */
  shutdown: AbortSignal;
  cacheDir: string;
  env: NodeJS.ProcessEnv;
}

/** What a command leaves to be printed. */
export interface Outcome {
  /** Plain data: `result` of the JSON document. */
  result: unknown;
  /** The same for people. */
  text: string;
  /** Set when the work was done and the answer is no: printed after the text, and it decides the exit code. */
  error?: BatonError | undefined;
}

/** A command: the schema that its options come from, and what it does with them. */
export interface Command {
  schema: z.ZodObject;
  /** @param values as the command line had them: text, lists of text and booleans by the schema's keys */
  run(name: string, values: Record<string, unknown>, context: CommandContext): Promise<Outcome>;
}

/** Binds what a command does to the schema of its options; wrong options are `USAGE` errors. */
export function defineCommand<S extends z.ZodObject>(
  schema: S,
  work: (options: z.output<S>, context: CommandContext) => Promise<Outcome>,
): Command {
  return {
    schema,
    run: async (name, values, context) => await work(readOptions(name, schema, values), context),
  };
}
