import { ERROR_CODES, type ErrorCode } from './error-codes.ts';
import { redact, redactData } from './redact.ts';

/** What an error may carry besides its code and message. */
export interface ErrorOptionsOf {
  /** The next step, as a command or a sentence. */
  hint?: string;
  /** What caused it. */
  cause?: unknown;
  /** Facts for `--json`: plain data, no secrets. */
  details?: Record<string, unknown>;
  /** Whether the same call may succeed when repeated unchanged. */
  retryable?: boolean;
}

/** The one error that Baton throws on purpose: a stable code, one line that stands alone, and a hint. */
export class BatonError extends Error {
  readonly code: ErrorCode;
  readonly hint: string | undefined;
  readonly details: Record<string, unknown>;
  readonly retryable: boolean;

  /**
   * @param message one line: what was expected, what was found, where. Credentials in it are redacted here, and control
   * characters (a registry's answer may hold any) become spaces, so that it stays one line.
   */
  constructor(code: ErrorCode, message: string, options: ErrorOptionsOf = {}) {
    super(
      redact(message)
        .replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, ' ')
        .trim(),
      options.cause === undefined ? undefined : { cause: options.cause },
    );
    this.name = 'BatonError';
    this.code = code;
    this.hint = options.hint === undefined ? undefined : redact(options.hint);
    this.details = options.details ?? {};
    this.retryable = options.retryable ?? false;
  }

  /** The exit code of a process that ends with this error. */
  get exitCode(): number {
    return ERROR_CODES[this.code].exit;
  }

  /** What `--json` prints; never holds a stack or a secret. */
  toJSON(): { code: ErrorCode; message: string; hint?: string; details?: Record<string, unknown> } {
    return {
      code: this.code,
      message: this.message,
      ...(this.hint === undefined ? {} : { hint: this.hint }),
      ...(Object.keys(this.details).length === 0
        ? {}
        : { details: redactData(JSON.parse(JSON.stringify(this.details))) as Record<string, unknown> }),
    };
  }
}

/** The errno name (`ENOENT`) of a system error or the code of one of Node's own; undefined for anything else. */
export function errnoOf(error: unknown): string | undefined {
  if (error instanceof BatonError) return undefined;
  if (error instanceof Error && 'code' in error && typeof error.code === 'string') return error.code;
  return undefined;
}

const BY_ERRNO: Record<string, { code: ErrorCode; hint: string }> = {
  ENOSPC: { code: 'DISK_FULL', hint: 'Free some space (or set BATON_CACHE_DIR to a larger disk) and run it again.' },
  EDQUOT: { code: 'DISK_FULL', hint: 'The disk quota is used up: free some space and run it again.' },
  EACCES: { code: 'FILE_UNREADABLE', hint: 'Check the permissions of the file and of the directories above it.' },
  EPERM: { code: 'FILE_UNREADABLE', hint: 'Check the permissions of the file and of the directories above it.' },
};

/**
 * Turns whatever was thrown into a BatonError: system errors get the code that fits their errno, an abort becomes
 * `INTERRUPTED`, a signal's time-out `TIMEOUT`, anything else is `INTERNAL`.
 */
export function toBatonError(error: unknown): BatonError {
  if (error instanceof BatonError) return error;
  const errno = errnoOf(error);
  if (error instanceof Error) {
    if (error.name === 'AbortError' || errno === 'ABORT_ERR') {
      return new BatonError('INTERRUPTED', 'interrupted before it was done', {
        hint: 'Run the same command again: finished parts are kept.',
        cause: error,
      });
    }
    if (error.name === 'TimeoutError') return new BatonError('TIMEOUT', error.message, { cause: error });
    if (errno !== undefined && 'syscall' in error) {
      const known = BY_ERRNO[errno];
      return new BatonError(known?.code ?? 'FILE_FAILED', error.message, {
        ...(known === undefined ? {} : { hint: known.hint }),
        cause: error,
      });
    }
    return new BatonError('INTERNAL', error.message || error.name, {
      hint: 'This is a fault in Baton: run it again with --verbose and report what it prints.',
      cause: error,
    });
  }
  return new BatonError('INTERNAL', String(error), {
    hint: 'This is a fault in Baton: run it again with --verbose and report what it prints.',
  });
}
