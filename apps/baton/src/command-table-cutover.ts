import type { CommandEntry } from './command-entry.ts';

/** Commands of the group `cutover`, in the order of the help. */
export const CUTOVER_COMMANDS: readonly CommandEntry[] = [
  {
    name: 'cutover init',
    summary: 'look at a repository and write a first cutover.yaml',
    about:
      'Finds the nested new implementation beside the old one, paired Dockerfiles and workflows, colliding names, and every ' +
      'line that names the old layout or the old toolchain; proposes operations with the counts that they must match, and lists ' +
      'what only a person can decide.',
    examples: [
      { line: 'baton cutover init --author "Ada <ada@example.com>"', meaning: 'for the repository in this directory' },
      { line: 'baton cutover init --nested agent/go --dry-run', meaning: 'print the proposal, write nothing' },
    ],
    load: async () => (await import('./commands/cutover-init.ts')).cutoverInit,
  },
  {
    name: 'cutover plan',
    summary: 'show what the cutover would do: paths, diffs, scans, acceptance, the ids it will have',
    about:
      'Changes nothing, not even in the object database. Exit code 1 when a scan, a criterion or a gate fails, 2 when the ' +
      'manifest does not fit the repository (all problems are listed), 4 when something that is demanded cannot be seen yet.',
    examples: [
      { line: 'baton cutover plan', meaning: 'of ./cutover.yaml on top of HEAD' },
      { line: 'baton cutover plan --base origin/main --html plan.html', meaning: 'on another commit, and as a page' },
      { line: 'baton cutover plan --no-diff', meaning: 'without the diffs' },
    ],
    load: async () => (await import('./commands/cutover-plan.ts')).cutoverPlan,
  },
  {
    name: 'cutover apply',
    summary: 'make the commit, on a branch of its own',
    about:
      'Writes the objects and moves one ref, in one step. No file and no index is touched unless --checkout says so; then the ' +
      'checkout is brought along by renaming directories. The same commit and the same manifest give the same commit id on ' +
      'every machine. A second run says that it is done.',
    examples: [
      { line: 'baton cutover apply', meaning: 'onto the branch of the pull request, or cutover/NAME' },
      { line: 'baton cutover apply --expect-tree 4b825dc6...', meaning: 'only if it gives the tree that was approved' },
      { line: 'baton cutover apply --checkout', meaning: 'onto the branch that is checked out here, files and all' },
    ],
    load: async () => (await import('./commands/cutover-apply.ts')).cutoverApply,
  },
  {
    name: 'cutover verify',
    summary: 'derive the commit again, and tell whether the one at hand is exactly that',
    about:
      'Takes the manifest from the parent of the commit and says: identical (same commit id), same tree (after a squash merge, ' +
      'or signed), or different, and where. Exit code 1 when different.',
    examples: [
      { line: 'baton cutover verify', meaning: 'HEAD, by cutover.yaml of its parent' },
      { line: 'baton cutover verify origin/cutover/agent', meaning: 'the commit that a reviewer has in front of him' },
      { line: 'baton cutover verify HEAD --from-disk --manifest ../cutover.yaml', meaning: 'by a manifest elsewhere' },
    ],
    load: async () => (await import('./commands/cutover-verify.ts')).cutoverVerify,
  },
  {
    name: 'cutover open',
    summary: 'push the commit to its branch, and open or update its pull request',
    about:
      "Plans on top of the forge's base branch as it is now, with its check results; pushes with a lease, so that nobody's work " +
      'is overwritten; then opens the pull request, or brings the one that is there up to date: what people wrote in it stays. ' +
      'Labels must exist. What is pending is shown as open, and a new pull request is then a draft. A second run has nothing to do.',
    examples: [
      {
        line: 'baton cutover open --dry-run',
        meaning: 'print every ref, push and request, and the text; change nothing',
      },
      { line: 'GITHUB_TOKEN=... baton cutover open', meaning: 'in the repository of the remote origin' },
      { line: 'baton cutover open --remote upstream --token BOT_TOKEN', meaning: 'another remote, another variable' },
    ],
    load: async () => (await import('./commands/cutover-open.ts')).cutoverOpen,
  },
  {
    name: 'cutover revert',
    summary: 'make the inverse commit, and prove that the tree is the one before',
    about:
      'With later commits on top, the paths of the cutover go back and nothing else; where a later commit changed one of them, ' +
      'it stops and lists them.',
    examples: [
      { line: 'baton cutover revert HEAD', meaning: 'onto the branch revert/NAME' },
      {
        line: 'baton cutover revert abc123 --onto main --dry-run',
        meaning: 'can it be reverted on main? writes nothing',
      },
    ],
    load: async () => (await import('./commands/cutover-revert.ts')).cutoverRevert,
  },
];
