import type { Command as CommanderCommand } from 'commander';
import type { Command } from './command.ts';
import type { CommandEntry } from './command-entry.ts';
import { COMMANDS, GROUPS } from './command-table.ts';
import { GLOBAL_OPTIONS, type Globals } from './globals.ts';
import { groupHelp, leafHelp, rootHelp } from './help.ts';
import { optionsFromSchema, valuesFromCommand } from './options-from-schema.ts';
import { BatonCommand, isHelpShown, MissingCommand } from './usage.ts';

/** What a command line asks for. */
export type Request =
  | { kind: 'help'; text: string }
  | { kind: 'version'; globals: Globals }
  | { kind: 'run'; globals: Globals; name: string; command: Command; values: Record<string, unknown> };

/**
 * Takes a command line apart. Only the commands that it may call are loaded, because the options of each come from
 * schemas that cost time to build. Errors: `USAGE`.
 */
export async function readCommandLine(argv: readonly string[]): Promise<Request> {
  let request: Request | undefined;
  let help = '';
  const root = makeRoot();
  for (const entry of COMMANDS) {
    const leaf = addLeaf(root, entry);
    // Options may stand between the words, so whoever is named anywhere is loaded; one too many does no harm.
    if (!entry.name.split(' ').every((word) => argv.includes(word))) continue;
    const command = await entry.load();
    optionsFromSchema(leaf, command.schema);
    leaf.action(() => {
      const values = valuesFromCommand(leaf, command.schema);
      request = { kind: 'run', globals: globalsOf(root), name: entry.name, command, values };
    });
  }
  eachCommand(root, (command) => {
    command.exitOverride().configureOutput({
      writeOut: (text) => {
        help += text;
      },
    });
  });
  try {
    await root.parseAsync(argv[0] === 'help' ? [...argv.slice(1), '--help'] : [...argv], { from: 'user' });
  } catch (error) {
    if (isHelpShown(error)) return { kind: 'help', text: help };
    // "baton --version" has no command, and needs none.
    if (!(error instanceof MissingCommand && root.getOptionValue('version') === true)) throw error;
  }
  if (root.getOptionValue('version') === true) return { kind: 'version', globals: globalsOf(root) };
  return request ?? root.help();
}

function makeRoot(): BatonCommand {
  const root = new BatonCommand('baton');
  for (const { flags, description } of GLOBAL_OPTIONS) root.option(flags, description);
  root
    .option('--version', 'Print the version')
    .helpOption('-h, --help', 'Print help')
    .helpCommand(false)
    .configureHelp({ formatHelp: () => rootHelp() });
  for (const [name, about] of Object.entries(GROUPS)) {
    const words = name.split(' ');
    groupAt(root, words.slice(0, -1))
      .command(words.at(-1) ?? name)
      .description(about)
      .configureHelp({ formatHelp: () => groupHelp(name, about) });
  }
  return root;
}

function addLeaf(root: BatonCommand, entry: CommandEntry): BatonCommand {
  const words = entry.name.split(' ');
  const leaf = new BatonCommand(words.at(-1));
  leaf.helpOption('-h, --help', 'Print help').configureHelp({ formatHelp: () => leafHelp(entry, leaf) });
  groupAt(root, words.slice(0, -1)).addCommand(leaf);
  return leaf;
}

/** The group that words lead to, each inside the one before. */
function groupAt(root: CommanderCommand, words: readonly string[]): CommanderCommand {
  return words.reduce((above, word) => above.commands.find((command) => command.name() === word) ?? above, root);
}

function eachCommand(command: CommanderCommand, visit: (command: CommanderCommand) => void): void {
  visit(command);
  for (const child of command.commands) eachCommand(child, visit);
}

function globalsOf(root: BatonCommand): Globals {
  const directory: unknown = root.getOptionValue('C');
  return {
    json: root.getOptionValue('json') === true,
    quiet: root.getOptionValue('quiet') === true,
    verbose: root.getOptionValue('verbose') === true,
    color: root.getOptionValue('color') !== false,
    directory: typeof directory === 'string' ? directory : undefined,
  };
}
