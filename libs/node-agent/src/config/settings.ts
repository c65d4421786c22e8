import { parseInteger } from '../python-text/index.ts';

/** The agent's environment variables, read once (contract, section 3). Texts are OS texts. */
export interface Settings {
  /** COPY_RESOLV */
  readonly copyResolv: boolean;
  /** OVERLAY_ALWAYS_RUN_STEP */
  readonly alwaysRunStep: boolean;
  /** SKYHOOK_RESOURCE_ID */
  readonly resourceId: string;
  /** SKYHOOK_DATA_DIR: in the container. */
  readonly dataDir: string;
  /** SKYHOOK_ROOT_DIR: state directory, to be put behind the root mount by plain concatenation. */
  readonly rootDir: string;
  /** SKYHOOK_LOG_DIR: log directory, to be put behind the root mount by plain concatenation. */
  readonly logDir: string;
  /** SKYHOOK_AGENT_WRITE_LOGS */
  readonly writeLogs: boolean;
  /** SKYHOOK_AGENT_BUFFER_LIMIT: bytes per chunk; may be zero, negative or huge (T31). */
  readonly bufferLimit: bigint;
}

/**
 * Reads the settings. Defaults are for absent variables only: an empty one is used as empty.
 *
 * The buffer limit comes first, so that a bad one crashes (ValueError) before anything else happens (T42).
 */
export function readSettings(env: ReadonlyMap<string, string>): Settings {
  const bufferLimit = parseInteger(env.get('SKYHOOK_AGENT_BUFFER_LIMIT') ?? '8192');
  return {
    bufferLimit,
    copyResolv: isTrue(env.get('COPY_RESOLV') ?? 'true'),
    alwaysRunStep: isTrue(env.get('OVERLAY_ALWAYS_RUN_STEP') ?? 'false'),
    resourceId: env.get('SKYHOOK_RESOURCE_ID') ?? '',
    dataDir: env.get('SKYHOOK_DATA_DIR') ?? '/skyhook-package',
    rootDir: env.get('SKYHOOK_ROOT_DIR') ?? '/etc/skyhook',
    logDir: env.get('SKYHOOK_LOG_DIR') ?? '/var/log/skyhook',
    writeLogs: isTrue(env.get('SKYHOOK_AGENT_WRITE_LOGS') ?? 'true'),
  };
}

/** T22: only `true` counts, in any case and without trimming. */
function isTrue(value: string): boolean {
  return value.toLowerCase() === 'true';
}
