import * as z from 'zod';
import { bytesField, bytesOrUnsetField } from './byte-text.ts';
import { feederSchema } from './feeder-schema.ts';
import { entrySchema } from './fixture-schema.ts';
import { divergenceSchema, tokensSchema } from './rule-schema.ts';
import { modeField, pathField, patternField, signalField, textField } from './text-rules.ts';

/** In the environment of a scenario, with `!unset`: nothing of the suite's environment is taken. */
export const EVERYTHING = '*';

// Names of digits alone would not keep their place: JavaScript sorts such keys to the front.
const variableName = patternField(
  /^(?!\d+$)[^=*]+$/,
  'the name of a variable: not empty, no "=", no "*", not digits alone',
  'The name of a variable.',
);
const variableNameOrEverything = patternField(
  /^(?:\*|(?!\d+$)[^=*]+)$/,
  'the name of a variable, or "*"',
  'The name of a variable, or `*` with `!unset`: nothing of the suite is taken.',
);
const environment = z.record(variableName, bytesField('Its value; any bytes but NUL.', { nul: false }));
const scenarioEnvironment = z
  .record(
    variableNameOrEverything,
    bytesOrUnsetField('Its value; any bytes but NUL. `!unset`: not set, whatever the suite says.'),
  )
  .superRefine((variables, context) => {
    if ((variables[EVERYTHING] ?? null) === null) return;
    context.addIssue({ code: 'custom', message: '!unset', path: [EVERYTHING] });
  });

const tree = z.array(entrySchema);

const actionSchema = z
  .strictObject({
    waitFor: pathField('Below the root mount: when it exists, the time begins.'),
    delay: z.number().min(0).max(3600).describe('Seconds from then on; default 0.2.').exactOptional(),
    signal: signalField(),
    to: z
      .enum(['subject', 'launcher', 'group'])
      .describe('Who gets it; default `subject`. `launcher` is its direct child, `group` its process group.')
      .exactOptional(),
  })
  .describe('A signal that is sent while a run goes on.');

const runSchema = z
  .strictObject({
    argv: z
      .array(bytesField('An argument.', { nul: false }))
      .describe('The arguments of the subject; `{root}` stands for the root mount.'),
    env: environment.describe("Variables on top of the scenario's.").exactOptional(),
    before: tree.describe('Changes below the root mount before this run.').exactOptional(),
    actions: z.array(actionSchema).describe('Signals that are sent while it runs.').exactOptional(),
  })
  .describe('One invocation of the subject.');

// What a suite may say for all of its scenarios.
const common = {
  tags: z
    .array(
      patternField(/^[a-z0-9][a-z0-9.-]*$/, 'a tag of lower-case letters, digits, "." and "-"', 'A word to choose by.'),
    )
    .describe('Words to choose scenarios by.')
    .exactOptional(),
  cwd: pathField('Where the subject runs, in its own file system; default `/`.').exactOptional(),
  umask: modeField('The umask of the subject; default "0022".').exactOptional(),
  root: z
    .strictObject({
      mount: pathField("Where it is in the subject's own file system; default `/t/root`.").exactOptional(),
      base: z
        .enum(['busybox', 'none'])
        .describe('What it holds at first: a static busybox (the default), or nothing.')
        .exactOptional(),
      remove: z
        .array(patternField(/^[^/]+$/, 'the name of an applet', 'The name of an applet.'))
        .describe('Applets of busybox that are missing.')
        .exactOptional(),
    })
    .describe('The directory that the subject works on.')
    .exactOptional(),
  clock: patternField(
    /^(?:real|\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d{1,6})?)$/,
    'real, or a time like "2026-01-02 03:04:05"',
    '`real` (the default), or the time at which the wall clock stands, in UTC.',
  ).exactOptional(),
  streams: z
    .enum(['apart', 'merged'])
    .describe('Whether stdout and stderr are one open file; default `apart`.')
    .exactOptional(),
  observe: z
    .strictObject({
      host: z.boolean().describe('What is below the root mount; default true.').exactOptional(),
      container: z.boolean().describe("The subject's own file system; default true.").exactOptional(),
      modes: z.boolean().describe('Permission bits; default true.').exactOptional(),
      leftovers: z
        .enum(['none', 'any'])
        .describe('`none` (the default): a process that is left behind is a divergence.')
        .exactOptional(),
    })
    .describe('What is looked at, besides streams and exit status.')
    .exactOptional(),
  tokens: tokensSchema.exactOptional(),
  crash: z
    .enum(['strict', 'typed', 'present'])
    .describe('How much of a crash report is compared: type and message (the default), the type, or that there is one.')
    .exactOptional(),
  timing: z
    .enum(['shared', 'alone'])
    .describe('`alone`: no other scenario runs at the same time; default `shared`.')
    .exactOptional(),
  timeout: z.number().gt(0).max(3600).describe('Seconds for one run; default 60.').exactOptional(),
};

const apiVersion = z.literal('parity/v1').describe('The version of the form: parity/v1.');

/** `suite.yaml`: what all scenarios of a folder have in common. */
export const suiteSchema = z
  .strictObject({
    apiVersion,
    env: environment.describe('Variables that every run gets, in this order.').exactOptional(),
    ...common,
  })
  .describe('What all scenarios of a folder have in common; each may say otherwise.');

const ID = /^[a-z0-9][a-z0-9.-]*(?:\/[a-z0-9][a-z0-9.-]*)*$/;

/** A scenario. */
export const scenarioSchema = z
  .strictObject({
    apiVersion,
    id: patternField(
      ID,
      'an id like tee/two-writes: lower-case letters, digits, "." and "-", parted by "/"',
      "The path of the file below the scenarios' folder, without `.yaml`.",
    ),
    why: textField('a sentence', 'What this scenario holds the subject to, in a sentence.').min(1),
    env: scenarioEnvironment
      .describe("Variables on top of the suite's; the environment holds nothing else.")
      .exactOptional(),
    ...common,
    host: tree.describe('What is laid out below the root mount before the first run.').exactOptional(),
    container: tree.describe("What is laid out in the subject's own file system before the first run.").exactOptional(),
    feeders: z.array(feederSchema).describe('Programs that stand in for steps.').exactOptional(),
    runs: z.array(runSchema).min(1).describe('Invocations, one after the other, on the same trees.'),
    diverge: z.array(divergenceSchema).describe('Differences that are known and allowed, for a time.').exactOptional(),
    expectSilent: z
      .boolean()
      .describe('Whether no output at all is expected; the exit status is compared all the same.')
      .exactOptional(),
  })
  .describe('One scenario: what a subject is given, what is looked at, and what may differ.');

/** A suite as its file has it. */
export type SuiteForm = z.output<typeof suiteSchema>;
/** A scenario as its file has it. */
export type ScenarioForm = z.output<typeof scenarioSchema>;
