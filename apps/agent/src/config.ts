/** What the agent is told by its environment. */
export interface AgentConfig {
  /** AGENT_NAME: how this machine's agent calls itself. */
  name: string;
  /** AGENT_LOG_LEVEL: how much it says. */
  logLevel: LogLevel;
  /** AGENT_STATE_DIR: where it will keep what must outlive a restart. */
  stateDir: string;
}

const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const;
type LogLevel = (typeof LOG_LEVELS)[number];

/** Reads the configuration; an unset or empty variable has its default. Throws an Error that names a wrong variable. */
export function readConfig(env: NodeJS.ProcessEnv): AgentConfig {
  const stateDir = env.AGENT_STATE_DIR || '/var/lib/node-agent';
  if (!stateDir.startsWith('/')) throw new Error(`AGENT_STATE_DIR must be an absolute path, not "${stateDir}"`);
  const level = env.AGENT_LOG_LEVEL || 'info';
  const logLevel = LOG_LEVELS.find((known) => known === level);
  if (logLevel === undefined) {
    throw new Error(`AGENT_LOG_LEVEL must be one of ${LOG_LEVELS.join(', ')}, not "${level}"`);
  }
  return { name: env.AGENT_NAME || 'node-agent', logLevel, stateDir };
}
