import type { CommandEntry } from './command-entry.ts';

/** Commands of the group `parity`, in the order of the help. */
export const PARITY_COMMANDS: readonly CommandEntry[] = [
  {
    name: 'parity run',
    summary: 'run OLD and NEW on every scenario, and compare all that they do',
    about:
      'Takes what agent.yaml says in its section parity. Leaves result, reports and the observations of what failed in ' +
      'dist/parity, and a statement about NEW in dist/evidence/parity.json. Exit code 1 when something diverged, 3 when the ' +
      'run proves nothing, 4 when a scenario gave no verdict, 5 when the goldens are wrong; the worst is 3, then 5, 1, 4.',
    examples: [
      { line: 'baton parity run apps/agent', meaning: 'every scenario, against what OLD did' },
      {
        line: 'baton parity run --only stream/',
        meaning: 'those whose id begins like this; proves nothing about the rest',
      },
      { line: 'baton parity run --shard 2/4', meaning: 'one of four parts; see "baton parity merge"' },
      { line: 'baton parity run --noise new', meaning: 'NEW against itself: what it does not do the same twice' },
    ],
    load: async () => (await import('./commands/parity-run.ts')).parityRun,
  },
  {
    name: 'parity list',
    summary: 'show which scenarios there are, and what each is for',
    about: 'Reads every scenario, so a mistake in one is told here as well. Nothing is run.',
    examples: [
      { line: 'baton parity list apps/agent', meaning: 'the scenarios of a project' },
      { line: 'baton parity list parity/scenarios --tag crash', meaning: 'a folder; those with a tag' },
    ],
    load: async () => (await import('./commands/parity-list.ts')).parityList,
  },
  {
    name: 'parity record',
    summary: 'run OLD twice on every scenario and keep what it did as goldens',
    about:
      'OLD is parity.record of agent.yaml, or parity.old where that can be run. A scenario in which OLD does not do the same ' +
      'twice is refused. What is as it was is not written again, whatever its time stamps. Not in CI.',
    examples: [
      { line: 'baton parity record apps/agent', meaning: 'goldens for every scenario of apps/agent' },
      { line: 'baton parity record --only stream/', meaning: 'those whose id begins with stream/' },
    ],
    load: async () => (await import('./commands/parity-record.ts')).parityRecord,
  },
  {
    name: 'parity check',
    summary: 'check the goldens: complete, whole, and fitting their scenarios',
    about:
      'Changes nothing and runs nothing. Missing and obsolete goldens, damaged ones, other channels than the scenario ' +
      'observes, goldens that hold nothing: all problems at once. Exit code 5 when there is one.',
    examples: [{ line: 'baton parity check apps/agent', meaning: 'the goldens of apps/agent' }],
    load: async () => (await import('./commands/parity-check.ts')).parityCheck,
  },
  {
    name: 'parity accept',
    summary: 'take what NEW did in the last run for right',
    about:
      'Replaces the goldens of scenarios that diverged. They are marked accepted-from-new for ever, with the reason, and ' +
      'counted in every report. Not in CI.',
    examples: [
      { line: 'baton parity accept --only stream/split', meaning: 'one scenario' },
      { line: 'baton parity accept --all --because "new wording, issue 217"', meaning: 'everything that diverged' },
    ],
    load: async () => (await import('./commands/parity-accept.ts')).parityAccept,
  },
  {
    name: 'parity prune',
    summary: 'remove goldens whose scenario is gone',
    about: 'Not in CI, but for a dry run.',
    examples: [{ line: 'baton parity prune --dry-run', meaning: 'what would be removed' }],
    load: async () => (await import('./commands/parity-prune.ts')).parityPrune,
  },
  {
    name: 'parity fuzz',
    summary: 'draw scenarios until OLD and NEW differ, and shrink what was found',
    about:
      'Both must be live. Steps are programs that hand over exactly drawn bytes and wait for their reader, so a difference is no ' +
      'chance; it is tried twice, made smaller, and written as a scenario of the project. Exit code 1 when OLD and NEW differ.',
    examples: [
      { line: 'baton parity fuzz apps/agent --old old-layout', meaning: 'an older image against the built one' },
      {
        line: 'baton parity fuzz --seed 7 --count 1000 --time 600',
        meaning: 'at most ten minutes, the same cases each time',
      },
      { line: 'baton parity fuzz --noise', meaning: 'NEW against itself' },
      {
        line: 'baton parity fuzz --tier text --old python3 --old tee.py --new ./tee',
        meaning: 'only the text of streams, with two resident programs',
      },
    ],
    load: async () => (await import('./commands/parity-fuzz.ts')).parityFuzz,
  },
  {
    name: 'parity import',
    summary: 'turn recordings of another tool into scenarios and goldens',
    about:
      'A recording is a folder with scenario.json (what a program was given) and expected.json (what it did). Nothing of it ' +
      'is lost; what is not understood is an error. What most of them have in common goes into suite.yaml.',
    examples: [
      { line: 'baton parity import recordings apps/agent', meaning: 'every recording in a folder' },
      {
        line: 'baton parity import recordings/tee-empty --overwrite --of "agent 6.3 in Python"',
        meaning: 'one of them once more, under the name that reports give OLD',
      },
    ],
    load: async () => (await import('./commands/parity-import.ts')).parityImport,
  },
  {
    name: 'parity merge',
    summary: 'join the results of shards, and prove that none is missing',
    about: 'Every scenario must be in exactly one of them. Writes what a run in one piece would have written.',
    examples: [
      {
        line: 'baton parity merge apps/agent --from shard-1 --from shard-2',
        meaning: 'the directories hold what each shard left in dist/parity',
      },
    ],
    load: async () => (await import('./commands/parity-merge.ts')).parityMerge,
  },
  {
    name: 'parity show',
    summary: 'draw what the last run left',
    about: 'Takes a project or a directory that a run left. Runs nothing.',
    examples: [
      { line: 'baton parity show apps/agent', meaning: 'the report of its last run once more' },
      { line: 'baton parity show --only stream/split', meaning: 'everything that is kept about one scenario' },
    ],
    load: async () => (await import('./commands/parity-show.ts')).parityShow,
  },
];
