import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { enumerateEffects, killAt } from '@baton/testkit';
import { expect, it } from 'vitest';
import { failure } from '../test-open.ts';
import { carryCheckout, finishCarry } from './carry-checkout.ts';
import { inspectCheckout } from './inspect-checkout.ts';
import { type CarryCase, carryCase, FLATTEN, FLATTEN_COMMANDS, faults, LAYOUT } from './test-carry.ts';

const script = join(import.meta.dirname, 'carry.fixture.ts');

/** A checkout whose carry was killed when everything had left its place and nothing had come to one. */
async function halfWay(): Promise<CarryCase> {
  const start = async () => {
    const made = await carryCase(LAYOUT, FLATTEN_COMMANDS);
    return { made, command: { script, args: [made.dir, made.from, made.to, JSON.stringify(FLATTEN)] } };
  };
  const effects = await enumerateEffects((await start()).command);
  const removal = effects.find(({ kind, target }) => kind === 'unlink' && target.endsWith(' more'));
  const { made, command } = await start();
  expect((await killAt(command, removal?.n ?? 0, 'after')).signal).toBe('SIGKILL');
  return made;
}

it('what a person does between a kill and the next run is not lost', async () => {
  const made = await halfWay();
  expect(await inspectCheckout(made.dir)).toMatchObject({
    lock: 'carry',
    pendingCarry: { from: made.from, to: made.to },
  });
  // Git itself is kept from the index, and does not show what is waiting.
  await expect(made.git('add', '--all')).rejects.toThrow('index.lock');
  expect(await made.git('status', '--porcelain')).not.toContain('.baton-carry');
  await made.write({ 'agent/old/main.py': 'written again by hand', 'agent/go.mod': 'in the way' });
  const error = await failure(carryCheckout(made.input(FLATTEN)));
  expect(error).toMatchObject({ code: 'REPOSITORY_BUSY', details: { path: 'agent/go.mod' } });
  expect(error.message).toContain('is between two commits: something was put at agent/go.mod');
  expect(readFileSync(join(made.dir, 'agent/go.mod'), 'utf8')).toBe('in the way');
  rmSync(join(made.dir, 'agent/go.mod'));
  expect(await finishCarry(made.dir)).toMatchObject({ to: made.to, moved: 6 });
  expect(await faults(made, made.to)).toEqual([]);
  expect(readFileSync(join(made.dir, 'agent/old/main.py'), 'utf8')).toBe('written again by hand');
});
