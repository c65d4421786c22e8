import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { failAt, isShortProof, killMatrix, needs, runNode, withTmpfs } from '@baton/testkit';
import { describe, expect, it } from 'vitest';
import { carryCheckout, finishCarry } from './carry-checkout.ts';
import { type CarryCase, carryCase, FLATTEN, FLATTEN_COMMANDS, faults, LAYOUT } from './test-carry.ts';

const script = join(import.meta.dirname, 'carry.fixture.ts');

/** Files that nobody tracks, everywhere that files leave and come to. */
const MINE = { 'agent/go/cmd/x.tmp': '1', 'agent/old/notes': '2', 'agent/cmd/own': '3', 'agent/go/bin/tool': '4' };

async function prepare() {
  const made = await carryCase(LAYOUT, FLATTEN_COMMANDS);
  await made.write(MINE);
  return { made, command: { script, args: [made.dir, made.from, made.to, JSON.stringify(FLATTEN)] } };
}

async function expectWhole(made: CarryCase, commit: string): Promise<void> {
  expect(await faults(made, commit)).toEqual([]);
  for (const [path, text] of Object.entries(MINE)) expect(readFileSync(join(made.dir, path), 'utf8')).toBe(text);
}

describe('a carry that is killed', () => {
  it('at any effect is finished by the next run', { timeout: 3_600_000 }, async () => {
    const every = isShortProof() ? 9 : 1;
    const points = await killMatrix(
      prepare,
      async ({ made, command }) => {
        const run = await runNode(script, command.args);
        expect(run.stderr.toString('utf8')).toBe('');
        await expectWhole(made, made.to);
      },
      { choose: (_, n) => n % every === 0 },
    );
    expect(points.length).toBeGreaterThan(isShortProof() ? 8 : 80);
  });

  it('at any effect is finished, or put back, by finishCarry', { timeout: 3_600_000 }, async () => {
    const every = isShortProof() ? 9 : 1;
    await killMatrix(
      prepare,
      async ({ made }) => {
        await finishCarry(made.dir);
        const moved = (await made.git('rev-parse', 'main')) === made.to;
        await expectWhole(made, moved ? made.to : made.from);
      },
      { choose: (_, n) => n % every === 4 % every },
    );
  });
});

describe('a carry that fails', () => {
  it('for want of space at any effect is put back, or finished by the next run', { timeout: 3_600_000 }, async () => {
    const step = isShortProof() ? 7 : 1;
    let tried = 0;
    for (let n = 1; ; n += step) {
      const { made, command } = await prepare();
      const run = await failAt(command, n);
      if (run.code === 0) break;
      tried += 1;
      const moved = (await made.git('rev-parse', 'main')) === made.to;
      if (!moved) await expectWhole(made, made.from);
      const again = await runNode(script, command.args);
      expect(again.stderr.toString('utf8')).toBe('');
      await expectWhole(made, made.to);
    }
    expect(tried).toBeGreaterThan(5);
  });

  needs('tmpfs')('on a full disk leaves everything as it was', async () => {
    await withTmpfs('4m', async (disk) => {
      const made = await carryCase(
        { 'a/x': 'x', big: 'small' },
        `git mv a b && yes 'a line of text' | head -c 3000000 > big`,
      );
      const dir = join(disk, 'tree');
      await made.git('worktree', 'add', '--quiet', '-b', 'side', dir);
      const git = (...args: string[]) => made.git('-C', dir, ...args);
      await made.git('-c', `alias.x=!head -c 2500000 /dev/zero > ${disk}/fill`, 'x');
      const moveRef = async () => void (await git('update-ref', 'refs/heads/side', made.to));
      const input = { ...made.input({ a: 'b' }), dir, branch: 'refs/heads/side', moveRef };
      await expect(carryCheckout(input)).rejects.toThrow(/No space left|DISK_FULL|checkout-index/);
      expect(await faults({ ...made, dir, git }, made.from)).toEqual([]);
      await made.git('-c', `alias.x=!rm ${disk}/fill`, 'x');
      await carryCheckout(input);
      expect(await faults({ ...made, dir, git }, made.to)).toEqual([]);
    });
  });
});
