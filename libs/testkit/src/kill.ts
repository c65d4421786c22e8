import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Effect, ProcessResult } from '@baton/kernel';
import { type EffectsPlan, type Interference, PLAN_VARIABLE, parseTrace } from './effects-plan.ts';
import { type NodeChildOptions, runNode } from './node-child.ts';
import { temporaryDirectory } from './temp.ts';

/** How a child ended, and the effects it had begun until then. */
export interface EffectsRun extends ProcessResult {
  effects: Effect[];
}

/** A child: a TypeScript (or bundled) file, its arguments, and where it runs. */
export interface ChildCommand {
  script: string | URL;
  args?: readonly string[];
  options?: NodeChildOptions;
}

/** Runs a child with its effects traced and, when `at` is given, interfered with at one of them. */
export async function runWithEffects(command: ChildCommand, at?: Interference): Promise<EffectsRun> {
  const trace = join(temporaryDirectory('effects'), 'trace');
  const plan: EffectsPlan = { trace, ...(at === undefined ? {} : { at }) };
  const { env, preload = [], ...rest } = command.options ?? {};
  const result = await runNode(command.script, command.args ?? [], {
    ...rest,
    env: { ...env, [PLAN_VARIABLE]: JSON.stringify(plan) },
    preload: [new URL('./effects-preload.ts', import.meta.url), ...preload],
  });
  const text = await readFile(trace, 'utf8').catch(() => '');
  return { ...result, effects: parseTrace(text) };
}

/** The effects of a run that must end with exit code 0. */
export async function enumerateEffects(command: ChildCommand): Promise<Effect[]> {
  const run = await runWithEffects(command);
  if (run.code === 0) return run.effects;
  throw new Error(`the child ended with ${run.code ?? run.signal}:\n${run.stderr.toString('utf8')}`);
}

/** Runs a child that kills itself (SIGKILL) before or after effect `n`; `signal` is null when it ended before getting there. */
export async function killAt(command: ChildCommand, n: number, when: 'before' | 'after'): Promise<EffectsRun> {
  return await runWithEffects(command, { n, when, action: 'kill' });
}

/** Runs a child in which effect `n` fails with a system error such as `ENOSPC`, having changed nothing. */
export async function failAt(command: ChildCommand, n: number, errno = 'ENOSPC'): Promise<EffectsRun> {
  return await runWithEffects(command, { n, when: 'before', action: 'fail', errno });
}

/** Runs a child in which effect `n` waits before it changes the world. */
export async function delayAt(command: ChildCommand, n: number, milliseconds: number): Promise<EffectsRun> {
  return await runWithEffects(command, { n, when: 'before', action: 'delay', milliseconds });
}

/** One point of a kill matrix. */
export interface KillPoint {
  effect: Effect;
  when: 'before' | 'after';
}

/** Effects that a run may have fewer than the one that was listed. */
const SLACK = 3;

/**
 * Kills a child before and after each of its effects and has `check` judge what is left, each time in a fresh state.
 *
 * @param prepare makes a fresh state and the command that runs in it
 * @param check looks at the state after the kill, usually runs the command again, and throws when something is wrong
 * @param options.choose keeps only some points, for a short version of a long matrix
 * @returns the points that were tried; a child that twice ends without reaching its point is an error
 */
export async function killMatrix<State extends { command: ChildCommand }>(
  prepare: () => Promise<State>,
  check: (state: State, point: KillPoint) => Promise<void>,
  options: { choose?: (point: KillPoint, index: number) => boolean } = {},
): Promise<KillPoint[]> {
  const effects = await enumerateEffects((await prepare()).command);
  if (effects.length === 0) throw new Error('the child has no effects: there is nothing to kill it at');
  const points = effects
    .flatMap((effect): KillPoint[] => [
      { effect, when: 'before' },
      { effect, when: 'after' },
    ])
    .filter(options.choose ?? (() => true));
  for (const point of points) {
    const where = `killed ${point.when} effect ${point.effect.n} (${point.effect.kind} ${point.effect.target})`;
    let state = await prepare();
    let run = await killAt(state.command, point.effect.n, point.when);
    // A run on a busy machine may take an effect more or less (a request that is repeated on a new connection).
    if (run.code === 0 && run.effects.length > 0 && run.effects.length >= point.effect.n - SLACK) {
      const { length } = run.effects;
      state = await prepare();
      run = await killAt(state.command, Math.min(point.effect.n, length), point.when);
    }
    if (run.signal !== 'SIGKILL') {
      throw new Error(`not ${where}: it ended with ${run.code}\n${run.stderr.toString('utf8')}`);
    }
    await check(state, point).catch((error: unknown) => {
      throw new Error(`${where}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
    });
  }
  return points;
}
