// npm run bench [-- NAME ...] [-- --quick]: paired measurements against peers; prints Markdown for docs/performance.md.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { benchAgentTee } from './agent-tee.ts';
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
