import { closeSync, readSync, writeSync } from 'node:fs';
import type { Posix } from './posix.ts';

/**
 * The launcher's side of the link with the agent, descriptor 3 (the other side: agent-link.ts). Internal hand-over.
 *
 *     launcher: "<read end for stdout> <read end for stderr>\n"
 *     agent:    "1" when it has opened both, "0" when it could not
 *     launcher: "0\n" before it exits with status 0
 */
const LINK = 3;

/**
 * Puts pipes in the place of standard output and error, as the reference has them. Node gives its children sockets, which
 * `> /dev/stderr` cannot open and which hand over other portions per read.
 *
 * The agent opens the read ends through /proc and says so; where it cannot, the sockets stay.
 */
export function takePipes(posix: Posix): void {
  const [out, err] = [posix.pipe(), posix.pipe()];
  const agreed = tell(`${out.readEnd} ${err.readEnd}\n`) && answer() === AGREED;
  if (agreed) {
    posix.duplicate(out.writeEnd, 1);
    posix.duplicate(err.writeEnd, 2);
  }
  for (const { readEnd, writeEnd } of [out, err]) {
    closeSync(readEnd);
    closeSync(writeEnd);
  }
}

/** Says that the command ended with 0: an exit status alone cannot be told from a death by a signal that Node cannot name. */
export function tellSuccess(): void {
  tell('0\n');
}

/** False when there is no agent (any more): it was killed, and the command runs without it, as in the reference. */
function tell(message: string): boolean {
  try {
    return writeSync(LINK, message) === message.length;
  } catch {
    return false;
  }
}

function answer(): string {
  try {
    const bytes = Buffer.alloc(1);
    return readSync(LINK, bytes) === 1 ? bytes.toString('latin1') : '';
  } catch {
    return '';
  }
}

const AGREED = '1';
