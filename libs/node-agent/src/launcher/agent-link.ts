import { closeSync, constants, openSync, readlinkSync } from 'node:fs';
import type { Duplex } from 'node:stream';

/** The agent's side of the link with a launcher (the other side and the words: launcher-link.ts). */
export interface AgentLink {
  /** The read ends of the launcher's pipes, or undefined when its sockets stay in use; settled at the latest when it ends. */
  pipes: Promise<{ out: number; err: number } | undefined>;
  /** When the launcher has let go of the link: whether it said that the command ended with 0. */
  ended: Promise<boolean>;
}

/** Opens descriptors of another process: Linux has them as files under /proc. Throws when it cannot. */
export type OpenDescriptor = (pid: number, descriptor: number) => number;

/** The real way. Throws as well where /proc belongs to another process namespace: its numbers mean other processes. */
export const openThroughProc: OpenDescriptor = (pid, descriptor) => {
  if (readlinkSync('/proc/self') !== String(process.pid)) throw new Error('/proc shows another process namespace');
  return openSync(`/proc/${pid}/fd/${descriptor}`, constants.O_RDONLY | constants.O_NONBLOCK);
};

/** Answers the launcher `pid` over its end of the link. A launcher that is gone, wherever it got to, ends everything here. */
export function linkWith(pid: number, stream: Duplex, open: OpenDescriptor): AgentLink {
  let settle: (pipes: { out: number; err: number } | undefined) => void = () => undefined;
  const pipes = new Promise<{ out: number; err: number } | undefined>((resolve) => {
    settle = resolve;
  });
  let received = '';
  let answered = false;
  stream.setEncoding('latin1');
  stream.on('data', (part: string) => {
    received += part;
    const numbers = /^(\d+) (\d+)\n/.exec(received);
    if (answered || numbers === null) return;
    answered = true;
    const opened = openBoth(pid, Number(numbers[1]), Number(numbers[2]), open);
    stream.write(opened === undefined ? '0' : '1');
    settle(opened);
  });
  // An answer to a launcher that has just died: its end says the rest.
  stream.on('error', () => undefined);
  const ended = new Promise<boolean>((resolve) => {
    stream.on('close', () => {
      settle(undefined);
      resolve(/(^|\n)0\n$/.test(received));
    });
  });
  return { pipes, ended };
}

function openBoth(pid: number, outEnd: number, errEnd: number, open: OpenDescriptor) {
  let out: number | undefined;
  try {
    out = open(pid, outEnd);
    return { out, err: open(pid, errEnd) };
  } catch {
    if (out !== undefined) closeSync(out);
    return undefined;
  }
}
