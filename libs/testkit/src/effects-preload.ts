// Loaded into a child by `node --import`; it knows the kernel only by the symbol it looks for its observer under, so that
// it reaches the kernel inside a bundle as well.
import { appendFileSync } from 'node:fs';
import { constants } from 'node:os';
import { setTimeout } from 'node:timers/promises';
import type { Effect, EffectObserver } from '@baton/kernel';
import { type EffectsPlan, PLAN_VARIABLE } from './effects-plan.ts';

const instruction = process.env[PLAN_VARIABLE];
delete process.env[PLAN_VARIABLE];
if (instruction !== undefined) {
  const plan = JSON.parse(instruction) as EffectsPlan;
  const observer: EffectObserver = {
    before(effect) {
      appendFileSync(plan.trace, `${JSON.stringify(effect)}\n`);
      return interfere(plan, effect, 'before');
    },
    after: (effect) => interfere(plan, effect, 'after'),
  };
  Object.assign(globalThis, { [Symbol.for('baton.effects.observer')]: observer });
}

async function interfere(plan: EffectsPlan, effect: Effect, when: 'before' | 'after'): Promise<void> {
  const { at } = plan;
  if (at === undefined || at.n !== effect.n || at.when !== when) return;
  if (at.action === 'delay') await setTimeout(at.milliseconds);
  else if (at.action === 'fail') throw systemError(at.errno, effect);
  else {
    process.kill(process.pid, 'SIGKILL');
    // The signal may arrive a moment later: do nothing more until it does.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  }
}

function systemError(code: string, effect: Effect): Error {
  const errno = -(constants.errno[code as keyof typeof constants.errno] ?? 5);
  return Object.assign(new Error(`${code}: injected by a test, ${effect.kind} '${effect.target}'`), {
    code,
    errno,
    syscall: effect.kind,
  });
}
