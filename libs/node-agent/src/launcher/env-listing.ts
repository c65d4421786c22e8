import { closeSync, readSync } from 'node:fs';
import { decodeUtf8 } from '../python-text/index.ts';
import type { Posix } from './posix.ts';
import { startProgram } from './start-program.ts';

/** Where the listing program's standard error goes: it is ignored. */
export interface EnvListingOptions {
  /** The agent's environment. */
  env: ReadonlyMap<string, string>;
  /** A descriptor that swallows what is written to it. */
  sink: number;
}

/**
 * Runs `env` and reads the variables from what it prints (contract, section 9.2 item 4).
 *
 * Its exit status and its standard error do not count. Throws FileNotFoundError where there is no `env`, and
 * UnicodeDecodeError when the output is not UTF-8.
 */
export function listEnvironment(posix: Posix, { env, sink }: EnvListingOptions): Map<string, string> {
  const { readEnd, writeEnd } = posix.pipe();
  let output: Buffer;
  try {
    const pid = startUnder(writeEnd, () => startProgram(posix, { argv: ['env'], env, stdio: [0, writeEnd, sink] }));
    output = readToEnd(readEnd);
    posix.wait(pid);
  } finally {
    closeSync(readEnd);
  }
  return parseEnvironment(decodeUtf8(output));
}

/** The variables in the text that `env` printed: LF, CR LF and CR end lines; lines without `=` are dropped (T23). */
export function parseEnvironment(text: string): Map<string, string> {
  const variables = new Map<string, string>();
  for (const line of text.split(/\r\n|\r|\n/)) {
    const equals = line.indexOf('=');
    if (equals !== -1) variables.set(line.slice(0, equals), line.slice(equals + 1));
  }
  return variables;
}

/** Starts something and then lets go of the write end, so that reading comes to an end. */
function startUnder(writeEnd: number, start: () => number): number {
  try {
    return start();
  } finally {
    closeSync(writeEnd);
  }
}

function readToEnd(fd: number): Buffer {
  const parts: Buffer[] = [];
  const buffer = Buffer.allocUnsafe(65_536);
  for (;;) {
    const size = readSync(fd, buffer);
    if (size === 0) return Buffer.concat(parts);
    parts.push(Buffer.from(buffer.subarray(0, size)));
  }
}
