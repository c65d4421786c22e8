import type { ImageIo } from '@baton/image';
import type { BatonError } from '@baton/kernel';
import type { LoadedManifest } from '@baton/manifest';

/** What an executor needs of a zod object: it judges the options, and its JSON Schema is written beside the executor. */
export interface OptionsSchema<O> {
  safeParse(value: unknown): { success: true; data: O } | { success: false; error: { issues: readonly OptionIssue[] } };
  toJSONSchema(parameters: { io: 'input'; target: 'draft-7' }): Record<string, unknown>;
}

/** The options that a schema lets through. */
export type InferOptions<S> = S extends OptionsSchema<infer O> ? O : never;

/** One complaint of zod, as far as it is used here. */
export interface OptionIssue {
  code: string;
  path: readonly PropertyKey[];
  message: string;
  /** Of `unrecognized_keys`. */
  keys?: readonly string[];
}

/** What a capability sees of the task that runs it. */
export interface Task {
  /** What Nx calls the project. */
  name: string;
  /** Names the project's target with an executor of this package, for hints: `agent:image-plan`. */
  target(executor: string): string;
  project: LoadedManifest;
  io: ImageIo;
  /** Nx was asked not to change anything: `--dry-run`, or `NX_DRY_RUN` on the way through other targets. */
  dryRun: boolean;
}

/** Work that was done and whose answer is no: the report is printed as well. */
export interface Refusal {
  report: string;
  failure: BatonError;
}

/** One capability as a target: everything between Nx and the library. */
export interface Capability<O> {
  /** The executor's name. */
  name: string;
  /** The executor's title for people and editors. */
  title: string;
  /** One sentence on what it does. */
  description: string;
  options: OptionsSchema<O>;
  /** Does the work by one call of the library and returns the report to print; throws, or gives a {@link Refusal}, to fail. */
  run(options: O, task: Task): Promise<string | Refusal>;
}
