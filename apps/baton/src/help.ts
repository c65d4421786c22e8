import { table } from '@baton/report';
import type { Command } from 'commander';
import type { CommandEntry } from './command-entry.ts';
import { COMMANDS } from './command-table.ts';
import { GLOBAL_OPTIONS } from './globals.ts';
import { argumentWord, usageOf } from './usage.ts';

const WIDTH = 80;

/** `baton --help`: what Baton is, the three commands to start with, everything else in one line each. */
export function rootHelp(): string {
  return page([
    'Baton hands an agent over from its old implementation to its new one, and proves that nothing was dropped.',
    'An agent is a privileged program that ships as a container image; a file agent.yaml beside it says how the image is made.',
    section('Start here', [
      ['baton doctor', 'what this machine has, and what each lack costs'],
      ['baton image build DIR', 'build the image of the agent in DIR; no container engine is needed'],
      ['baton image publish DIR --build', 'build it and push it, under the tags its version allows'],
    ]),
    section(
      'Commands',
      COMMANDS.map((entry) => [`baton ${entry.name}`, entry.summary]),
    ),
    optionsSection(),
    'Exit codes: 0 done, 1 a check failed, 2 wrong call or manifest, 3 the environment failed, 130 interrupted.\n' +
      '"baton image build --help" tells more about one command.',
  ]);
}

/** `baton image --help`. */
export function groupHelp(name: string, about: string): string {
  return page([
    `${about}.`,
    section(
      'Commands',
      COMMANDS.filter((entry) => entry.name.startsWith(`${name} `)).map((entry) => [
        `baton ${entry.name}`,
        entry.summary,
      ]),
    ),
    `"baton ${name} COMMAND --help" tells more about one of them.`,
  ]);
}

/** `baton image build --help`. */
export function leafHelp(entry: CommandEntry, command: Command): string {
  const positional = command.registeredArguments.map((argument) => [argumentWord(argument), argument.description]);
  const options = command.options.map((option) => [option.flags, option.description]);
  return page([
    `baton ${entry.name}: ${entry.summary}.`,
    entry.about,
    `Usage: baton ${entry.name} ${usageOf(command)}`.trimEnd(),
    ...(positional.length === 0 ? [] : [section('Arguments', positional)]),
    ...(options.length === 0 ? [] : [section('Options', options)]),
    section(
      'Examples',
      entry.examples.map(({ line, meaning }) => [line, meaning]),
    ),
    optionsSection(),
  ]);
}

function optionsSection(): string {
  return section('Options of every command', [
    ...GLOBAL_OPTIONS.map(({ flags, description }) => [flags, description]),
    ['-h, --help', 'Print help'],
    ['--version', 'Print the version'],
  ]);
}

function section(title: string, rows: string[][]): string {
  const body = table(rows)
    .split('\n')
    .map((line) => `  ${line}`)
    .join('\n');
  return `${title}:\n${body}`;
}

function page(parts: string[]): string {
  return `${parts.map((part) => (part.includes('\n') ? part : wrap(part))).join('\n\n')}\n`;
}

function wrap(text: string): string {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const line = lines.at(-1);
    if (line !== undefined && line.length + word.length < WIDTH) lines[lines.length - 1] = `${line} ${word}`;
    else lines.push(word);
  }
  return lines.join('\n');
}
