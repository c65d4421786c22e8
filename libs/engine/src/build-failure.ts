import { BatonError, redact } from '@baton/kernel';
import type { Step } from './build-steps.ts';
import { registryCode, registryFailure } from './registry-messages.ts';

const UNREADABLE =
  /dockerfile parse error|unknown instruction|cannot be empty|file with no instructions|no build stage|syntax error/i;
// How BuildKit got to what it says.
const WRAPPING = /^(failed to (build|solve)( with frontend \S+)?: )?(failed to create LLB definition: )?/;
const ABOUT_BASE = /^\[(internal|auth)\]|\bFROM\b|^\[[^\]]*\] FROM /;

/** What is known of a build that failed. */
export interface BuildFailure {
  /** What the engine says. */
  message: string;
  /** The exit code of the step's program. */
  exit?: number | undefined;
  step?: Step | undefined;
  dockerfile: string;
  hadAuth: boolean;
}

/** `DOCKERFILE_INVALID`, an error about the base (`AUTH_*`, `BASE_NOT_FOUND`, `REGISTRY_UNREACHABLE`), or `BUILD_FAILED`. */
export function buildFailure({ message, exit, step, dockerfile, hadAuth }: BuildFailure, cause: unknown): BatonError {
  const short = message.replace(WRAPPING, '').trim();
  if (step === undefined && UNREADABLE.test(short))
    return new BatonError('DOCKERFILE_INVALID', `${dockerfile}: ${short}`, { cause });
  if (step === undefined || ABOUT_BASE.test(step.label)) {
    const code = registryCode(short, hadAuth);
    if (code === 'IMAGE_NOT_FOUND')
      return new BatonError('BASE_NOT_FOUND', `a base of ${dockerfile} is not there: ${short}`, {
        hint: 'Check the name behind FROM.',
        cause,
      });
    if (code !== undefined) return registryFailure(`getting a base of ${dockerfile}`, short, hadAuth, cause);
  }
  if (step === undefined) return new BatonError('BUILD_FAILED', `building ${dockerfile} failed: ${short}`, { cause });
  const code = exit ?? Number(/exit code: (\d+)/.exec(short)?.[1] ?? Number.NaN);
  const how = Number.isNaN(code) ? `: ${short}` : ` with exit code ${code}`;
  const output = step.tail.map((line) => redact(line));
  return new BatonError('BUILD_FAILED', `step ${step.label} of ${dockerfile} failed${how}`, {
    ...(output.length === 0 ? {} : { hint: ['It printed last:', ...output].join('\n') }),
    cause,
    details: { step: step.label, ...(Number.isNaN(code) ? {} : { exitCode: code }), message: short, output },
  });
}
