import { type AgentConfig, readConfig } from './config.ts';

const HELP = `node-agent: a first version of the agent program.

It shows that its image starts, which version it is and how it is configured. It does no work yet.

Usage: main.cjs [command]

  version       print the version (also --version)
  print-config  print version, configuration and arguments as JSON
  exit N        exit with status N, 0 to 255
  help          print this text (also --help)

Without a command it prints version and configuration for people.

Environment: AGENT_NAME, AGENT_LOG_LEVEL (debug, info, warn, error), AGENT_STATE_DIR (absolute)
`;

/** What the agent is given and what it writes to. */
export interface AgentIo {
  version: string;
  env: NodeJS.ProcessEnv;
  stdout(text: string): void;
  stderr(text: string): void;
}

/** Runs one command and returns the exit status: 0, what `exit` asked for, or 2 for a wrong call or configuration. */
export function runAgent(args: readonly string[], io: AgentIo): number {
  const [command, ...rest] = args;
  try {
    switch (command) {
      case undefined:
        io.stdout(describe(io.version, readConfig(io.env)));
        return 0;
      case 'version':
      case '--version':
        io.stdout(`${io.version}\n`);
        return 0;
      case 'help':
      case '--help':
        io.stdout(HELP);
        return 0;
      case 'print-config':
        io.stdout(`${JSON.stringify({ version: io.version, config: readConfig(io.env), arguments: rest })}\n`);
        return 0;
      case 'exit':
        return exitStatus(rest);
      default:
        throw new Error(`unknown command "${command}"; "help" lists what there is`);
    }
  } catch (error) {
    io.stderr(`node-agent: ${error instanceof Error ? error.message : String(error)}\n`);
    return 2;
  }
}

function describe(version: string, config: AgentConfig): string {
  const rows = Object.entries(config).map(([key, value]) => `  ${key}: ${value}\n`);
  return `node-agent ${version} (first version: it reports itself and does no work yet)\n${rows.join('')}`;
}

function exitStatus(args: readonly string[]): number {
  const [text] = args;
  if (args.length !== 1 || text === undefined || !/^\d{1,3}$/.test(text) || Number(text) > 255) {
    throw new Error(`exit takes one number from 0 to 255, not "${args.join(' ')}"`);
  }
  return Number(text);
}
