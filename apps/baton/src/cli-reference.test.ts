import { expect, test } from 'vitest';
import { cliReference } from './cli-reference.ts';
import { COMMANDS } from './command-table.ts';

const reference = cliReference();

test('every command has its section with usage and examples', () => {
  for (const { name, examples } of COMMANDS) {
    const section = `${reference}\n`.split(`\n## baton ${name}\n`)[1]?.split('\n## ')[0] ?? expect.unreachable(name);
    expect(section).toContain(`\`\`\`sh\nbaton ${name}`);
    for (const { line } of examples) expect(section).toContain(`\n${line}\n`);
  }
});

test('options have their choices, defaults and repetition', () => {
  expect(reference).toContain('| `--format <format>` |');
  expect(reference).toMatch(/\| `--tag <tag>` \| [^|]*\(may be repeated\) \|/);
  expect(reference).toContain('| `--no-bundle` |');
  expect(reference).toContain('| `[path]` | The project');
});
