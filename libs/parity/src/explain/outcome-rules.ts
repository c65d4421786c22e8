import { constants } from 'node:os';
import type { Suspect, SuspectRule } from './suspect.ts';

/** How runs end, and what they leave. */
export const OUTCOME_RULES: readonly SuspectRule[] = [
  foldedSignal,
  usageCode,
  otherEnd,
  maskedMode,
  privateMode,
  executableMode,
  strayProcess,
];

function foldedSignal({ oldEnd, newEnd }: Suspect): string | undefined {
  const [signal, code] = [oldEnd, newEnd].map((end) => (end?.kind === 'signal' ? numberOf(end.signal) : undefined));
  if (signal !== undefined && newEnd?.kind === 'exit' && (newEnd.code === 128 + signal || newEnd.code === signal)) {
    return `NEW turns the signal into exit code ${newEnd.code}, and OLD dies of it.`;
  }
  if (code !== undefined && oldEnd?.kind === 'exit' && (oldEnd.code === 128 + code || oldEnd.code === code)) {
    return `NEW dies of the signal, and OLD turns it into exit code ${oldEnd.code}.`;
  }
  return undefined;
}

function numberOf(signal: string): number | undefined {
  return Object.entries(constants.signals).find(([name]) => name === signal || name === `SIG${signal}`)?.[1];
}

function usageCode({ oldEnd, newEnd }: Suspect): string | undefined {
  if (oldEnd?.kind !== 'exit' || newEnd?.kind !== 'exit') return undefined;
  if (oldEnd.code === 1 && newEnd.code === 2)
    return 'NEW ends with exit code 2 for 1: what Go gives to a panic and to a wrong use.';
  if (oldEnd.code === 2 && newEnd.code === 1)
    return 'NEW ends with exit code 1 for 2: a wrong use is no longer told apart.';
  return undefined;
}

function otherEnd({ kind, oldEnd, newEnd }: Suspect): string | undefined {
  if (kind !== 'exit' || oldEnd?.kind !== 'exit' || newEnd?.kind !== 'exit') return undefined;
  if (oldEnd.code !== 0 && newEnd.code === 0) return 'NEW calls a success what fails in OLD.';
  if (oldEnd.code === 0) return 'NEW fails where OLD succeeds.';
  return undefined;
}

function maskedMode({ kind, oldMode, newMode, umask }: Suspect): string | undefined {
  if (kind !== 'mode' || oldMode === undefined || newMode === undefined || umask === undefined) return undefined;
  const [old, now, mask] = [oldMode, newMode, umask].map((text) => Number.parseInt(text, 8));
  if (old === undefined || now === undefined || mask === undefined) return undefined;
  if ((now & ~mask) === old)
    return `NEW's mode is OLD's without umask ${umask}: NEW sets it by chmod, or has cleared its umask.`;
  if ((old & ~mask) === now)
    return `NEW's mode is OLD's with umask ${umask} taken off: NEW leaves it to open(), OLD sets it by chmod.`;
  return undefined;
}

function privateMode({ kind, oldMode, newMode }: Suspect): string | undefined {
  if (kind !== 'mode' || newMode !== '0600' || oldMode === undefined) return undefined;
  return 'NEW makes a private file: mode 0600 is what a temporary file has that is renamed into place.';
}

function executableMode({ kind, oldMode, newMode }: Suspect): string | undefined {
  if (kind !== 'mode' || oldMode === undefined || newMode === undefined) return undefined;
  const bits = [oldMode, newMode].map((mode) => Number.parseInt(mode, 8) & 0o111);
  if (bits[0] === bits[1]) return undefined;
  return bits[0] === 0 ? 'NEW makes it executable.' : 'NEW loses the permission to execute it.';
}

function strayProcess({ kind }: Suspect): string | undefined {
  return kind === 'stray-process'
    ? 'A process outlives its parent: nobody waited for it or ended its group.'
    : undefined;
}
