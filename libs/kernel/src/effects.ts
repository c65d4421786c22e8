/** What kind of change to the world an effect is. */
export type EffectKind =
  | 'write'
  | 'fsync'
  | 'rename'
  | 'unlink'
  | 'mkdir'
  | 'link'
  | 'request'
  | 'spawn'
  | 'kill'
  | 'send'
  | 'ref'
  | 'lock';

/** One numbered change to the world. */
export interface Effect {
  /** Counts from 1 in each process. */
  n: number;
  kind: EffectKind;
  /** A path, a method with URL path, a program name: enough for a person to recognise it; no secrets. */
  target: string;
}

/** What a test may hang on every effect; a hook that throws makes the effect fail, one that waits delays it. */
export interface EffectObserver {
  before?(effect: Effect): void | Promise<void>;
  after?(effect: Effect): void | Promise<void>;
}

// On globalThis and not in this module, so that a preloaded test helper reaches the kernel inside a bundle as well.
const OBSERVER = Symbol.for('baton.effects.observer');
type Holder = { [OBSERVER]?: EffectObserver };

let count = 0;

/**
 * The one door to the world: runs `change` as a numbered effect.
 *
 * Without an observer this costs a counter. With one, a test can list, fail, delay or kill before and after each effect.
 */
export async function effect<T>(kind: EffectKind, target: string, change: () => T | Promise<T>): Promise<T> {
  const observer = (globalThis as Holder)[OBSERVER];
  count += 1;
  if (observer === undefined) return await change();
  const self: Effect = { n: count, kind, target };
  await observer.before?.(self);
  const result = await change();
  await observer.after?.(self);
  return result;
}

/** Sets (or with undefined removes) the observer of this process; for tests. */
export function observeEffects(observer: EffectObserver | undefined): void {
  if (observer === undefined) delete (globalThis as Holder)[OBSERVER];
  else (globalThis as Holder)[OBSERVER] = observer;
}
