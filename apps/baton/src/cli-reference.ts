import type { CommandEntry } from './command-entry.ts';
import { COMMANDS } from './command-table.ts';
import { GLOBAL_OPTIONS } from './globals.ts';
import { type OptionFact, optionFacts } from './option-facts.ts';

// Loaded here once, so that the reference itself is a plain function.
const SCHEMAS = await Promise.all(COMMANDS.map(async (entry) => (await entry.load()).schema));

/** The generated part of `docs/cli.md`: every command with its arguments, options and examples. */
export function cliReference(): string {
  const commands = COMMANDS.map((entry, index) => {
    const schema = SCHEMAS[index];
    return commandSection(entry, schema === undefined ? [] : optionFacts(schema));
  });
  const globals = table(
    ['Option', 'Meaning'],
    GLOBAL_OPTIONS.map(({ flags, description }) => [code(flags), description]),
  );
  return [`## Options of every command\n\n${globals}`, ...commands].join('\n\n');
}

function commandSection(entry: CommandEntry, facts: readonly OptionFact[]): string {
  const positional = facts.filter((fact) => fact.positional);
  const options = facts.filter((fact) => !fact.positional);
  const words = [...(options.length === 0 ? [] : ['[options]']), ...positional.map((fact) => fact.name)];
  const examples = entry.examples.map(({ line, meaning }) => `# ${meaning}\n${line}`).join('\n');
  return [
    `## baton ${entry.name}`,
    `${capital(entry.summary)}. ${entry.about}`,
    fence(['baton', entry.name, ...words].join(' ')),
    ...(positional.length === 0 ? [] : [table(['Argument', 'Meaning', 'Default'], positional.map(row))]),
    ...(options.length === 0 ? [] : [table(['Option', 'Meaning', 'Default'], options.map(row))]),
    fence(examples),
  ].join('\n\n');
}

function row(fact: OptionFact): string[] {
  const flag = fact.positional || fact.kind === 'boolean' ? fact.name : `${fact.name} <${fact.value}>`;
  const choices = fact.choices.length === 0 ? '' : `: ${fact.choices.map(code).join(', ')}`;
  const repeated = fact.kind === 'list' ? ' (may be repeated)' : '';
  return [
    code(flag),
    `${fact.description}${choices}${repeated}`,
    fact.fallback === undefined ? '' : code(fact.fallback),
  ];
}

function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(header), line(header.map(() => '---')), ...rows.map(line)].join('\n');
}

function code(text: string): string {
  return `\`${text}\``;
}

function fence(text: string): string {
  return `\`\`\`sh\n${text}\n\`\`\``;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
