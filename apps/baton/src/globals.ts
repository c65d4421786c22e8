/** The options that every command has. */
export interface Globals {
  /** One JSON document on standard output, events as JSON lines on standard error. */
  json: boolean;
  quiet: boolean;
  verbose: boolean;
  color: boolean;
  /** `-C`: where to run, in place of the current directory. */
  directory: string | undefined;
}

/** One global option, for the parser, the help and the reference. */
export interface GlobalOption {
  flags: string;
  description: string;
}

export const GLOBAL_OPTIONS: readonly GlobalOption[] = [
  { flags: '-C <dir>', description: 'Run as if started in this directory' },
  {
    flags: '--json',
    description: 'Print the result as one JSON document; progress goes to standard error as JSON lines',
  },
  { flags: '--quiet', description: 'Print no progress, only the result and errors' },
  { flags: '--verbose', description: 'Print the causes of an error and where it was thrown' },
  { flags: '--no-color', description: 'Print no colours and draw nothing in place (as NO_COLOR does)' },
];

/**
 * The global options as far as they can be told from words that may not parse: how to print the error about them.
 */
export function guessGlobals(argv: readonly string[]): Globals {
  const end = argv.indexOf('--');
  const words = end < 0 ? argv : argv.slice(0, end);
  return {
    json: words.includes('--json'),
    quiet: words.includes('--quiet'),
    verbose: words.includes('--verbose'),
    color: !words.includes('--no-color'),
    directory: undefined,
  };
}
