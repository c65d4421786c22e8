import type { FeedStep } from '../model/scenario.ts';
import { signalNumber } from './feed-program.ts';

/** A file that a feeder consists of, beside its own. */
export interface FeedFile {
  /** What is put behind the path of the feeder. */
  suffix: string;
  contents: Buffer;
}

/** Seconds that stand for `idle` where the reader cannot be seen. */
const PAUSE = 0.1;
/** Longest text that goes into the script itself: below every printf's own buffer, so that it is one write(2). */
const INLINE = 512;

/**
 * The steps as a shell script, where no feeder can be built: the bytes are the same, but that the reader is idle is only hoped
 * for, after a pause. Longer texts are files beside it, which dd(1) writes as one block. Needs sh, printf, dd, sleep and kill.
 */
export function feedScript(steps: readonly FeedStep[]): { script: Buffer; payloads: FeedFile[] } {
  const payloads: FeedFile[] = [];
  const lines = steps.map((step) => scriptLine(step, payloads));
  return { script: Buffer.from(['#!/bin/sh', ...lines, 'exit 0', ''].join('\n')), payloads };
}

function scriptLine(step: FeedStep, payloads: FeedFile[]): string {
  switch (step.kind) {
    case 'write': {
      if (step.bytes.length <= INLINE) return `printf '${octal(step.bytes)}' >&${step.fd}`;
      const suffix = `.payload${payloads.length + 1}`;
      payloads.push({ suffix, contents: step.bytes });
      return `dd if="$0${suffix}" bs=${step.bytes.length} count=1 2>/dev/null 1>&${step.fd}`;
    }
    case 'idle':
      return `sleep ${PAUSE}`;
    case 'sleep':
      return `sleep ${step.seconds}`;
    case 'close':
      return `exec ${step.fd}>&-`;
    case 'signal':
      return `kill -${signalNumber(step.signal)} ${step.to === 'self' ? '$$' : '$PPID'}`;
    case 'child':
      return `sleep ${step.seconds} &`;
    case 'exit':
      return `exit ${step.code & 0xff}`;
  }
}

function octal(bytes: Buffer): string {
  return [...bytes].map((byte) => `\\${byte.toString(8).padStart(3, '0')}`).join('');
}
