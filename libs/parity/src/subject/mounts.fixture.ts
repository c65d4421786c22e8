import { readFileSync } from 'node:fs';

/** The mounts that this machine shows of the room, sorted: other tests mount things as well. */
export function ownMounts(): string[] {
  return readFileSync('/proc/mounts', 'utf8')
    .split('\n')
    .filter((line) => line.includes('.baton-parity'))
    .sort();
}
