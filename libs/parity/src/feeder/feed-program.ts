import { constants } from 'node:os';
import { BatonError } from '@baton/kernel';
import type { FeedStep } from '../model/scenario.ts';

/** The last eight bytes of a feeder (feeder.c). */
const MAGIC = 'bfeeder1';
/** Milliseconds that a reader may take to go idle. */
const PATIENCE = 10_000;

/**
 * The steps as the feeder reads them from the end of its own file (the form stands in feeder.c).
 *
 * `patience`: milliseconds that one `idle` may take. Throws `SCENARIO_INVALID` for a signal or a number that Linux does
 * not have.
 */
export function encodeFeed(steps: readonly FeedStep[], patience: number = PATIENCE): Buffer {
  const program = Buffer.concat([u32(patience), ...steps.map(encodeStep)]);
  return Buffer.concat([program, u32(program.length), Buffer.from(MAGIC, 'latin1')]);
}

/** The number of a signal by its name without SIG, such as `TERM`. Throws `SCENARIO_INVALID`. */
export function signalNumber(name: string): number {
  const found = Object.entries(constants.signals).find(([known]) => known === `SIG${name}`);
  if (found !== undefined) return found[1];
  throw new BatonError('SCENARIO_INVALID', `expected the name of a signal without SIG, found ${JSON.stringify(name)}`, {
    hint: 'Write TERM, KILL, HUP or another name that "kill -l" lists.',
  });
}

function encodeStep(step: FeedStep): Buffer {
  switch (step.kind) {
    case 'write':
      return Buffer.concat([operation(String(step.fd), step.bytes.length), step.bytes]);
    case 'idle':
      return operation('i', 0);
    case 'sleep':
      return operation('s', microseconds(step.seconds));
    case 'close':
      return operation('c', step.fd);
    case 'signal':
      return operation(step.to === 'self' ? 'k' : 'l', signalNumber(step.signal));
    case 'child':
      return operation('f', microseconds(step.seconds));
    case 'exit':
      return operation('x', step.code & 0xff);
  }
}

function operation(name: string, argument: number): Buffer {
  return Buffer.concat([Buffer.from(name, 'latin1'), u32(argument)]);
}

function microseconds(seconds: number): number {
  const micros = Math.round(seconds * 1e6);
  if (micros >= 0 && micros < 2 ** 32) return micros;
  throw new BatonError('SCENARIO_INVALID', `expected 0 to 4294 seconds for a feeder, found ${seconds}`);
}

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}
