import { styleText } from 'node:util';
import { type BatonError, type ErrorCode, redact } from '@baton/kernel';
import { visibleText } from './text-width.ts';

/** What `--json` prints when something failed. */
export interface ErrorDocument {
  ok: false;
  error: { code: ErrorCode; message: string; exitCode: number; hint?: string; details?: Record<string, unknown> };
}

/** What `--json` prints when all went well. */
export interface ResultDocument {
  ok: true;
  result: unknown;
}

/** How an error is shown. */
export interface ErrorView {
  color?: boolean;
  /** Adds the chain of causes and the stack. */
  verbose?: boolean;
}

/**
 * An error for people: `error CODE: message`, then `  hint: ...` where there is one; no final newline.
 *
 * The first line stands alone, because Nx and many logs show only that.
 */
export function renderError(error: BatonError, view: ErrorView = {}): string {
  const paint = (style: 'red' | 'cyan' | 'dim', text: string): string =>
    view.color === true ? styleText(style, text, { validateStream: false }) : text;
  const lines = [`${paint('red', `error ${error.code}:`)} ${visibleText(error.message)}`];
  if (error.hint !== undefined) {
    const [first = '', ...more] = error.hint.split('\n').map(visibleText);
    lines.push(`  ${paint('cyan', 'hint:')} ${first}`, ...more.map((line) => `        ${line}`));
  }
  if (view.verbose === true) {
    for (const line of trace(error)) lines.push(paint('dim', `  ${visibleText(line)}`));
  }
  return lines.join('\n');
}

/** An error for machines. The exit code is in it because `nx run` passes on only 0 and 1. */
export function errorDocument(error: BatonError): ErrorDocument {
  const { code, message, ...rest } = error.toJSON();
  return { ok: false, error: { code, message, exitCode: error.exitCode, ...rest } };
}

/** A result for machines, in the form that {@link errorDocument} has for failures. */
export function resultDocument(result: unknown): ResultDocument {
  return { ok: true, result: result ?? null };
}

function trace(error: BatonError): string[] {
  const lines = framesOf(error);
  const seen = new Set<unknown>([error]);
  let cause: unknown = error.cause;
  while (cause !== undefined && !seen.has(cause)) {
    seen.add(cause);
    if (!(cause instanceof Error)) return [...lines, `caused by ${redact(String(cause))}`];
    lines.push(`caused by ${redact(`${cause.name}: ${cause.message}`)}`, ...framesOf(cause));
    cause = cause.cause;
  }
  return lines;
}

function framesOf(error: Error): string[] {
  return (error.stack ?? '')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line.startsWith('at '));
}
