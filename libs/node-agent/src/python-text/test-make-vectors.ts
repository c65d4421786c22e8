// Asks CPython and writes what src/python-text/vectors holds: `node libs/node-agent/src/python-text/test-make-vectors.ts`.
import { writeFileSync } from 'node:fs';
import { startOracle } from './test-oracle.ts';
import { seededRandom } from './test-random.ts';
import { casesOf, comparable, RULES } from './test-rules.ts';
import type { Json } from './test-tagged.ts';
import { planeHash, planeStarts, vectorsPath } from './test-vectors.ts';

const COUNT = 300;
const LONGEST = 250;

const oracle = startOracle();
for (const rule of RULES) {
  const short = casesOf(rule, seededRandom(1), 10 * COUNT).filter((item) => JSON.stringify(item).length <= LONGEST);
  const distinct = [...new Map(short.map((item) => [JSON.stringify(item), item])).values()].slice(0, COUNT);
  const answers = await oracle.ask(rule.name, distinct);
  write(
    rule.name,
    distinct.map((item, i) => [item, comparable(answers[i] ?? null)]),
  );
}
await writePlanes('printable', 17);
await writePlanes('int-block', 2);
await oracle.stop();

async function writePlanes(rule: string, count: number): Promise<void> {
  const vectors: Json[] = [];
  for (let plane = 0; plane < count; plane += 1) {
    const blocks = await oracle.ask(rule, planeStarts(plane));
    vectors.push([plane, planeHash(blocks.map(String))]);
  }
  write(rule, vectors);
}

function write(name: string, vectors: readonly Json[]): void {
  writeFileSync(vectorsPath(name), vectors.map((vector) => `${JSON.stringify(vector)}\n`).join(''));
}
