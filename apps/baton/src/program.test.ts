import { describe, expect, test } from 'vitest';
import { COMMANDS } from './command-table.ts';
import { readCommandLine } from './program.ts';
import { MissingCommand } from './usage.ts';

/** The command line in words, the way a shell splits it. */
const read = (line: string) => readCommandLine(line.split(' ').filter((word) => word !== ''));

describe('a command line', () => {
  test('names a command and its values', async () => {
    const request = await read('evidence verify image.json --subject sha256:0 --key k.pem');
    expect(request).toMatchObject({
      kind: 'run',
      name: 'evidence verify',
      values: { file: 'image.json', subject: 'sha256:0', key: 'k.pem' },
      globals: { json: false, quiet: false, verbose: false, color: true, directory: undefined },
    });
  });

  test.each([
    '-C dir --json --quiet --verbose --no-color evidence show x',
    'evidence -C dir --json show --quiet x --verbose --no-color',
    'evidence show x -C dir --json --quiet --verbose --no-color',
  ])('takes global options anywhere: %s', async (line) => {
    expect(await read(line)).toMatchObject({
      name: 'evidence show',
      values: { path: 'x' },
      globals: { json: true, quiet: true, verbose: true, color: false, directory: 'dir' },
    });
  });

  test.each([
    '--version',
    '--version --json',
    'evidence --version',
    'doctor --version',
  ])('%s asks for the version', async (line) => {
    expect(await read(line)).toMatchObject({ kind: 'version' });
  });
});

describe('help', () => {
  test.each(['--help', '-h', 'help'])('%s says what Baton is and how to start', async (line) => {
    const request = await read(line);
    if (request.kind !== 'help') expect.unreachable();
    expect(request.text).toMatch(/^Baton hands an agent over from its old implementation to its new one/);
    expect(request.text).toContain('baton image publish DIR --build');
    for (const { name, summary } of COMMANDS) {
      expect(request.text).toMatch(new RegExp(`  baton ${name} +${summary.replace(/[.*+?^$()|[\]\\{}]/g, '\\$&')}\n`));
    }
  });

  test.each(['evidence --help', 'help evidence'])('%s lists the group alone', async (line) => {
    const request = await read(line);
    if (request.kind !== 'help') expect.unreachable();
    expect(request.text).toContain('baton evidence verify');
    expect(request.text).not.toContain('baton image build');
  });

  test.each(['evidence verify --help', 'help evidence verify'])('%s has usage, options and examples', async (line) => {
    const request = await read(line);
    if (request.kind !== 'help') expect.unreachable();
    expect(request.text).toContain('Usage: baton evidence verify [options] <file>');
    expect(request.text).toMatch(/\n {2}--key <file> +It must be signed/);
    expect(request.text).toContain('\nExamples:\n  baton evidence verify dist/evidence/image.json');
  });
});

describe('a wrong call', () => {
  test.each([
    ['evidnce show', 'unknown command "evidnce"', 'Did you mean "evidence"? "baton --help" shows the commands.'],
    ['frobnicate', 'unknown command "frobnicate"', '"baton --help" shows the commands.'],
    [
      'evidence verfy',
      'unknown command "verfy" after "baton evidence"',
      'Did you mean "verify"? "baton evidence --help" shows the commands.',
    ],
    [
      'evidence verify x --subjct y',
      'unknown option "--subjct" for "baton evidence verify"',
      'Did you mean --subject? "baton evidence verify --help" shows the options.',
    ],
    [
      'doctor --jsn',
      'unknown option "--jsn" for "baton doctor"',
      'Did you mean --json? "baton doctor --help" shows the options.',
    ],
    [
      'evidence verify',
      '"baton evidence verify" needs <file>, found nothing for it',
      'Usage: baton evidence verify [options] <file>',
    ],
    [
      'evidence verify x --key',
      'option "--key <file>" needs a value, found nothing',
      '"baton evidence verify --help" shows what it takes.',
    ],
    ['doctor a b', '"baton doctor" takes no arguments, found 2: a b', 'Usage: baton doctor'],
    [
      'evidence show a b',
      '"baton evidence show" takes at most 1 argument, found 2: a b',
      'Usage: baton evidence show [path]',
    ],
  ])('%s', async (line, message, hint) => {
    await expect(read(line)).rejects.toThrow(expect.objectContaining({ code: 'USAGE', message, hint }));
  });

  test.each([
    ['', 'expected a command, found none'],
    ['--json', 'expected a command, found none'],
    ['evidence', 'expected a command after "baton evidence", found none'],
  ])('"%s" is answered with the help', async (line, message) => {
    const error = await read(line).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(MissingCommand);
    expect(error).toMatchObject({ code: 'USAGE', message, help: expect.stringContaining('Commands:') });
  });
});
