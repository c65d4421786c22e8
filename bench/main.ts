// npm run bench [-- NAME ...] [-- --quick]: paired measurements against peers; prints Markdown for docs/performance.md.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { benchAgentTee } from './agent-tee.ts';
import { benchCutoverCheckout } from './cutover/checkout.ts';
import { benchCutoverPlan } from './cutover/plan.ts';
import { benchCutoverScans } from './cutover/scans.ts';
import { benchDockerDriver } from './docker-driver.ts';
import { benchImagePublish, resultsDirectory } from './image-publish.ts';
import { benchNxOverhead } from './nx-overhead.ts';
import { benchParityCompare } from './parity-compare.ts';
import { benchRootfs } from './rootfs.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { quick: { type: 'boolean', default: false } },
});
const benches: Record<string, () => Promise<string>> = {
  'image-publish': () =>
    benchImagePublish(values.quick ? { warm: 3, cold: 1, unchanged: 3 } : { warm: 15, cold: 5, unchanged: 15 }),
  'docker-driver': () => benchDockerDriver(values.quick ? 3 : 15),
  'nx-overhead': () => benchNxOverhead(values.quick ? 2 : 7),
  'agent-tee': () => benchAgentTee(values.quick ? 2 : 5),
  'parity-compare': () => (values.quick ? benchParityCompare(2, 128 * 1024 ** 2) : benchParityCompare(5)),
  'cutover-plan': () =>
    benchCutoverPlan(values.quick ? { own: 2, git: 1, sizes: [50_000] } : { own: 7, git: 3, sizes: [50_000, 200_000] }),
  'cutover-scans': () => (values.quick ? benchCutoverScans(2, [50_000]) : benchCutoverScans(7, [50_000, 200_000])),
  'cutover-checkout': () =>
    benchCutoverCheckout(values.quick ? { rounds: 1, sizes: [50_000] } : { rounds: 5, sizes: [50_000, 200_000] }),
  rootfs: () => benchRootfs(values.quick ? 2 : 7),
};
const names = positionals.length > 0 ? positionals : Object.keys(benches);
for (const name of names) {
  const bench = benches[name];
  if (bench === undefined) {
    console.error(`no bench "${name}"; there are: ${Object.keys(benches).join(', ')}`);
    process.exit(2);
  }
  const text = `## ${name}\n\n${await bench()}\n`;
  await writeFile(join(await resultsDirectory(), `${name}.md`), text);
  console.log(text);
}
