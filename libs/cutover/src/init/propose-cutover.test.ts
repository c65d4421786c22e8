import { generateLayout } from '@baton/testkit';
import { describe, expect, test } from 'vitest';
import { parseCutover } from '../manifest/load-cutover.ts';
import { proposeCutover } from './propose-cutover.ts';
import { treeInput } from './test-layouts.ts';
import { proposed, rowOf } from './test-whole-way.ts';
import { writeProposal } from './write-proposal.ts';

// None of these was looked at while the rules were written.
const SEEDS = [2111, 3471, 5021, 6131, 7981, 8611, 9401, 10331];

describe('a proposal for a large layout', () => {
  test('has nine of ten mechanical places, and hardly a false one', { timeout: 60_000 }, async () => {
    const rows: string[] = [];
    for (const seed of SEEDS) {
      const one = await proposed(generateLayout(seed));
      const { layout, measure } = one;
      rows.push(rowOf(one));
      expect(layout.files.size).toBeGreaterThan(300);
      expect((measure.truth - measure.missed.length) / measure.truth, rows.at(-1)).toBeGreaterThanOrEqual(0.9);
      expect(measure.wrong.length / measure.proposed, measure.wrong.join('\n')).toBeLessThanOrEqual(0.05);
    }
    console.log(rows.join('\n'));
  });

  test('leaves every trap as it is', async () => {
    for (const seed of SEEDS) {
      const layout = generateLayout(seed);
      const { places } = await proposeCutover(treeInput(layout.files));
      const edited = new Set(
        places.filter(({ decision }) => decision === 'edit').map(({ path, line }) => `${path}:${line}`),
      );
      expect(layout.truth.traps.filter(({ path, line }) => edited.has(`${path}:${line}`))).toEqual([]);
    }
  });

  test('reads back as the same manifest', async () => {
    for (const seed of SEEDS) {
      const proposal = await proposeCutover(treeInput(generateLayout(seed).files));
      expect(parseCutover(Buffer.from(writeProposal(proposal)), 'cutover.yaml')).toEqual(proposal.manifest);
    }
  });

  test('takes the author from the caller, and leaves a blank without one', async () => {
    const { files } = generateLayout(SEEDS[0] ?? 1);
    const author = { name: 'Zoë Quill', email: 'zoe@example.com' };
    expect((await proposeCutover({ ...treeInput(files), author })).manifest.commit.author).toEqual(author);
    expect(writeProposal(await proposeCutover(treeInput(files)))).toContain('name: FILL-IN');
  });

  test('is the same every time, whatever the order of the tree', async () => {
    const { files } = generateLayout(SEEDS[1] ?? 1);
    const reversed = new Map([...files].reverse());
    expect(writeProposal(await proposeCutover(treeInput(reversed)))).toBe(
      writeProposal(await proposeCutover(treeInput(files))),
    );
  });
});

test('without two implementations side by side there is nothing to propose', async () => {
  const files = new Map([['agent/main.py', { bytes: Buffer.from('print()\n'), mode: '100644' as const }]]);
  await expect(proposeCutover(treeInput(files))).rejects.toMatchObject({ code: 'CUTOVER_NOT_FOUND' });
});
