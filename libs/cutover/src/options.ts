import * as z from 'zod';

// One definition serves the command line, the Nx executor schemas and the library: `.meta` carries what each needs.
const path = z
  .string()
  .default('.')
  .meta({ title: 'Manifest', description: 'The manifest: its folder, or cutover.yaml itself', argument: true });

const repository = z.string().optional().meta({
  title: 'Repository',
  description: 'A work tree, or a bare repository; default: the one around the manifest',
});

const base = z.string().min(1).default('HEAD').meta({
  title: 'Base',
  description: 'The commit that the cutover goes on top of: any revision',
  'x-priority': 'important',
});

const branch = z.string().min(1).optional().meta({
  title: 'Branch',
  description: 'The branch that gets the commit; default: the one of the pull request, else cutover/NAME',
});

const checkout = z.boolean().default(false).meta({
  title: 'Checkout',
  description:
    'Bring this checkout along, and commit to the branch that it is on; otherwise no file and no index is touched',
});

const html = z.string().min(1).optional().meta({
  title: 'HTML',
  description: 'Write the plan to this file, as one page that opens without a network',
});

const token = z.string().min(1).default('GITHUB_TOKEN').meta({
  title: 'Token variable',
  description: 'The name of the environment variable that holds the token of the forge',
});

/** Options of `cutover plan`: what the `cutover` target and the command share. */
export const cutoverPlanOptions = z.strictObject({
  path,
  repository,
  base,
  html,
  diff: z.boolean().default(true).meta({ title: 'Diff', description: 'Print the diff of every edit' }),
});

/** Options of `cutover apply`. */
export const cutoverApplyOptions = z.strictObject({
  path,
  repository,
  base,
  branch,
  checkout,
  expectTree: z
    .string()
    .regex(/^([0-9a-f]{40}|[0-9a-f]{64})$/, 'expected a full tree id: 40 or 64 hexadecimal digits')
    .optional()
    .meta({
      title: 'Expected tree',
      description: 'The tree that was approved, as "baton cutover plan" printed it; another one is refused',
      'x-priority': 'important',
    }),
  dryRun: z
    .boolean()
    .default(false)
    .meta({ title: 'Dry run', description: 'Say what would be done, with the ids it would have, and write nothing' }),
  statement: z.string().min(1).optional().meta({
    title: 'Statement',
    description: 'Write what was applied as evidence to this file',
  }),
  html,
});

/** Options of the `cutover` target: a plan, and with `apply` the commit. */
export const cutoverTargetOptions = cutoverApplyOptions.omit({ path: true, dryRun: true, repository: true }).extend({
  apply: z.boolean().default(false).meta({
    title: 'Apply',
    description: 'Make the commit; otherwise the plan is printed and nothing is written',
    'x-priority': 'important',
  }),
  diff: cutoverPlanOptions.shape.diff,
});

/** Options of `cutover verify`. */
export const cutoverVerifyOptions = z.strictObject({
  commit: z
    .string()
    .min(1)
    .default('HEAD')
    .meta({ title: 'Commit', description: 'The commit to judge: any revision', argument: true }),
  manifest: z.string().min(1).default('cutover.yaml').meta({
    title: 'Manifest',
    description: "The manifest's path in the commit's parent; with --from-disk a file or its folder here",
  }),
  fromDisk: z
    .boolean()
    .default(false)
    .meta({ title: 'From disk', description: 'Read the manifest here instead of in the parent of the commit' }),
  repository: z.string().default('.').meta({ title: 'Repository', description: 'A work tree, or a bare repository' }),
  statement: z.string().min(1).optional().meta({
    title: 'Statement',
    description: 'Write the verdict as evidence to this file',
  }),
});

/** Options of `cutover revert`. */
export const cutoverRevertOptions = z.strictObject({
  commit: z
    .string()
    .min(1)
    .meta({ title: 'Commit', description: 'The commit that the cutover made: any revision', argument: true }),
  repository: z.string().default('.').meta({ title: 'Repository', description: 'A work tree, or a bare repository' }),
  onto: z.string().min(1).default('HEAD').meta({
    title: 'Onto',
    description: 'What the inverse commit goes on top of: any revision that contains the cutover',
  }),
  branch: z.string().min(1).optional().meta({
    title: 'Branch',
    description: 'The branch that gets the inverse commit; default: revert/NAME',
  }),
  checkout,
  dryRun: z
    .boolean()
    .default(false)
    .meta({ title: 'Dry run', description: 'Prove that it can be reverted, and write nothing' }),
});

/** Options of `cutover open`. */
export const cutoverOpenOptions = z.strictObject({
  path,
  repository,
  base: z.string().min(1).optional().meta({
    title: 'Base',
    description: "The commit that the cutover goes on top of; default: where the forge's base branch is now",
  }),
  remote: z.string().min(1).default('origin').meta({
    title: 'Remote',
    description: 'A remote of the repository, or its URL',
  }),
  api: z.string().min(1).optional().meta({
    title: 'API',
    description: "The forge's API; default: the one of the remote's host",
  }),
  token,
  dryRun: z.boolean().default(false).meta({
    title: 'Dry run',
    description: 'Print branch, title, body and every request, and send none that changes anything',
  }),
});

/** Options of `cutover init`. */
export const cutoverInitOptions = z.strictObject({
  repository: z
    .string()
    .default('.')
    .meta({ title: 'Repository', description: 'A work tree, or a bare repository', argument: true }),
  base: z.string().min(1).default('HEAD').meta({ title: 'Base', description: 'The commit to look at: any revision' }),
  old: z.array(z.string().min(1)).default([]).meta({
    title: 'Old',
    description: 'A file or directory of the old implementation; found when left out',
  }),
  nested: z.string().min(1).optional().meta({
    title: 'Nested',
    description: 'The directory of the new implementation; found when left out',
  }),
  component: z.string().min(1).optional().meta({
    title: 'Component',
    description: 'The directory that both live in; found when left out',
  }),
  author: z
    .string()
    .regex(/^[^<>\n]+ <[^<>\s]+@[^<>\s]+>$/, 'expected: Name <name@example.com>')
    .optional()
    .meta({ title: 'Author', description: 'Author of the commit, as "Name <mail>"; git\'s configuration is not read' }),
  to: z.string().min(1).optional().meta({
    title: 'To',
    description: 'Where the manifest goes; default: cutover.yaml in the root of the repository',
  }),
  force: z.boolean().default(false).meta({ title: 'Force', description: 'Replace a manifest that is there already' }),
  dryRun: z.boolean().default(false).meta({ title: 'Dry run', description: 'Print the manifest and write nothing' }),
});
