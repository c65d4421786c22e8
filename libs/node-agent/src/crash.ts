/**
 * An error that ends the run (or the launcher) with a crash report, called by the name that Python gives it.
 *
 * `type` is printed as it stands: bare for built-in errors, with its module otherwise (contract, section 15).
 */
export class PythonError extends Error {
  readonly type: string;

  constructor(type: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'PythonError';
    this.type = type;
  }
}

/**
 * The report of a crash: first line, indented lines, last line `{type}: {message}` and a newline (contract, sections 15 and 21).
 *
 * Anything that is no PythonError is a fault of this program: it is reported with its stack, so that it can be mended.
 */
export function crashReport(error: unknown): string {
  if (error instanceof PythonError)
    return `${FIRST_LINE}\n${error.type}${error.message === '' ? '' : `: ${error.message}`}\n`;
  const fault = error instanceof Error ? error : new Error(String(error));
  const frames = (fault.stack ?? '').split('\n').filter((line) => line.startsWith('    at '));
  return [FIRST_LINE, ...frames, `RuntimeError: ${fault.message}`, ''].join('\n');
}

const FIRST_LINE = 'Traceback (most recent call last):';
