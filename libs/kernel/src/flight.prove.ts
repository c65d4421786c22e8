import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { enumerateEffects, isShortProof, killAt, proofSample } from '@baton/testkit';
import { describe, expect, test } from 'vitest';
import { joinFlight } from './flight.ts';
import { MARK_VARIABLE, markKey } from './flight-mark.ts';
import { type FlightGround, type FlightProcess, flightGround, runs, until } from './test-flight.ts';

const FIXTURE = join(import.meta.dirname, 'flight.fixture.ts');
const WAITERS = 3;
const ROUNDS = isShortProof() ? 20 : 150;

/** Processes whose environment carries a mark of this flight. */
function programsOf(key: string): number[] {
  const found: number[] = [];
  for (const name of readdirSync('/proc').filter((text) => /^[0-9]+$/.test(text))) {
    try {
      const environment = readFileSync(`/proc/${name}/environ`, 'latin1').split('\0');
      const mark = environment.find((text) => text.startsWith(`${MARK_VARIABLE}=`));
      if (mark?.includes(markKey(key)) === true) found.push(Number(name));
    } catch {
      // Gone meanwhile.
    }
  }
  return found;
}

/** Opens the door as soon as all but one of these wait for that one. */
async function openWhenAllWait(ground: FlightGround, waiters: readonly FlightProcess[]): Promise<void> {
  await until('all to wait', () => {
    const ready = waiters.filter(
      ({ child, lines }) => child.exitCode !== null || lines.some(({ event }) => event?.type === 'note'),
    );
    return ready.length >= waiters.length - 1 ? true : undefined;
  });
  writeFileSync(join(ground.dir, 'open'), '');
}

describe.runIf(process.platform === 'linux')('a leader that is killed before and after each of its effects', () => {
  const program = (ground: FlightGround): string =>
    `setsid sh -c 'while ! test -e ${ground.dir}/open; do sleep 0.02; done' & while ! test -e ${ground.dir}/open; do sleep 0.02; done; wait`;

  async function crowd(ground: FlightGround, leading: () => Promise<unknown>) {
    const over = leading();
    let ended = false;
    void over.finally(() => {
      ended = true;
    });
    await until('the leader', () => ground.log().length > 0 || ended || undefined);
    const waiters = Array.from({ length: WAITERS }, () => ground.start({ run: program(ground), answer: 'done' }));
    await openWhenAllWait(ground, waiters);
    await over;
    return await Promise.all(waiters.map(({ end }) => end));
  }

  test('those who wait get the result, and nothing of it is left', async () => {
    const first = flightGround();
    const command = (ground: FlightGround) => ({
      script: FIXTURE,
      args: [JSON.stringify(ground.task({ run: program(ground), answer: 'done' }))],
    });
    let effects: Awaited<ReturnType<typeof enumerateEffects>> = [];
    await crowd(first, async () => {
      effects = await enumerateEffects(command(first));
    });
    expect(effects.map(({ kind }) => kind)).toEqual(['lock', 'mkdir', 'write', 'spawn', 'unlink', 'send']);
    for (const { n, kind } of proofSample(effects, 2)) {
      for (const when of ['before', 'after'] as const) {
        const ground = flightGround();
        const ends = await crowd(ground, async () => {
          const killed = await killAt(command(ground), n, when);
          expect([killed.signal, kind, when]).toEqual(['SIGKILL', kind, when]);
        });
        expect([ends, kind, when]).toEqual([Array(WAITERS).fill({ result: 'done' }), kind, when]);
        expect(programsOf(ground.task().key)).toEqual([]);
        expect(ground.records()).toEqual([]);
      }
    }
  });
});

describe.runIf(process.platform === 'linux')('leaders that are killed at any time', () => {
  test(`${ROUNDS} times: never two programs at once, progress between two kills, nothing left in the end`, async () => {
    const ground = flightGround();
    const pid = join(ground.dir, 'program');
    writeFileSync(pid, '');
    // Says who is in; and 'met' when the one before it lives.
    const program = `
      before=$(cat ${pid}); if test -n "$before" && grep -q '^State:.[^ZX]' /proc/$before/status 2>/dev/null; then echo met $before $$ >> ${ground.dir}/met; fi
      echo $$ > ${pid}; sleep 0.03; echo > ${pid}`;
    const answers: unknown[] = [];
    let over = false;
    const worker = async (): Promise<void> => {
      while (!over) answers.push((await ground.start({ run: program, answer: 1 }).end)?.result);
    };
    const workers = Array.from({ length: 5 }, worker);
    for (let round = 0; round < ROUNDS; round++) {
      const before = ground.log().filter((line) => line.startsWith('end')).length;
      await until('progress', () => ground.log().filter((line) => line.startsWith('end')).length > before || undefined);
      const begun = ground.log().filter((line) => line.startsWith('begin'));
      const leader = Number(begun.at(-1)?.split(' ').at(-1));
      await sleep((round * 7) % 40);
      // It may have ended by itself, and its number is free then.
      if (runs(leader) && readFileSync(`/proc/${leader}/cmdline`, 'latin1').includes(ground.task().key)) {
        process.kill(leader, 'SIGKILL');
      }
    }
    over = true;
    await Promise.all(workers);
    expect(answers.filter((answer) => answer === 1).length).toBeGreaterThan(ROUNDS);
    expect(readdirSync(ground.dir)).not.toContain('met');
    expect((await ground.start({ answer: 2 }).end)?.result).toBe(2);
    expect(programsOf(ground.task().key)).toEqual([]);
    expect(ground.records()).toEqual([]);
  });
});

test('a leader that is stopped is named by those who wait, in the end', async () => {
  const ground = flightGround();
  const leader = ground.start({ until: join(ground.dir, 'never'), deadline: 1000 });
  const [pid] = await ground.logged('begin');
  leader.child.kill('SIGSTOP');
  const end = await ground.start({ deadline: 1000 }).end;
  expect(end?.error).toMatchObject({ code: 'TIMEOUT', message: expect.stringContaining('does not answer') });
  leader.child.kill('SIGCONT');
  expect(await leader.end).toMatchObject({ error: { code: 'TIMEOUT' } });
  expect(pid).toBeGreaterThan(0);
});

test('one who is stopped does not keep the leader for long, however large the result', async () => {
  const ground = flightGround();
  const { key, records } = ground.task();
  const open = join(ground.dir, 'open');
  const lead = joinFlight(
    {
      key,
      records,
      work: async () => {
        await until('the door', () => existsSync(open) || undefined);
        return 'x'.repeat(20_000_000);
      },
    },
    { emit: () => undefined },
  );
  const stuck = ground.start({ answer: 'own' });
  await stuck.waiting();
  stuck.child.kill('SIGSTOP');
  writeFileSync(open, '');
  expect(await lead).toHaveLength(20_000_000);
  stuck.child.kill('SIGCONT');
  expect(await stuck.end).toEqual({ result: 'own' });
});
