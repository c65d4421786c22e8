import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { copyFile, mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { type Command, measure, median, type Sample } from './measure.ts';
import { peakOf } from './peak.ts';
import { markdown, paired, rowOf } from './tables.ts';

const GIB = 1024 ** 3;
const WORDS = [
  'installing',
  'package',
  'kernel-module',
  'started',
  'configuring',
  'done',
  '/etc/demo',
  'value=17',
  'retry',
];

/**
 * Two logs of one size, each line with a stamp: equal as bytes, equal but for their stamps, and with one byte changed at 90 %. Our
 * comparison against `cmp` and `diff` in the same run, in turns; CPU seconds are what counts. Peak memory for a tenth of the size as well.
 */
export async function benchParityCompare(rounds: number, size: number = GIB): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'baton-bench-parity-'));
  try {
    const file = (name: string): string => join(dir, name);
    await writeLog(file('old'), size, 3_600_000_000);
    await copyFile(file('old'), file('same'));
    await writeLog(file('new'), size, 7_200_000_777);
    await copyFile(file('new'), file('changed'));
    await copyFile(file('old'), file('old-changed'));
    await changeByte(file('changed'), Math.floor(size * 0.9));
    await changeByte(file('old-changed'), Math.floor(size * 0.9));
    await writeLog(file('old-small'), size / 10, 3_600_000_000);
    await writeLog(file('new-small'), size / 10, 7_200_000_777);
    const script = file('compare.mjs');
    await build({
      entryPoints: [join(import.meta.dirname, 'parity-compare-run.ts')],
      outfile: script,
      bundle: true,
      platform: 'node',
      format: 'esm',
      logLevel: 'error',
      // Nothing of it is left in the bundle: the comparator alone is used.
      external: ['dockerode', 'dockerfile-ast'],
    });
    const env = { PATH: process.env.PATH };
    const run = (argv: readonly string[]): Command => ({ argv, cwd: dir, env });
    const ours = (old: string, now: string): Command => run([process.execPath, script, old, now]);
    // A difference is exit code 1 of theirs, which is what is wanted here.
    const theirs = (program: string, old: string, now: string): Command =>
      run(['bash', '-c', `${program} ${old} ${now} > /dev/null || test $? = 1`]);
    const contenders: Record<string, Command> = {
      'equal: baton': ours('old', 'same'),
      'equal: cmp': theirs('cmp', 'old', 'same'),
      'equal: diff': theirs('diff', 'old', 'same'),
      'every stamp validated: baton': ours('old', 'new'),
      'one byte at 90 %, stamps validated: baton': ours('old', 'changed'),
      'one byte at 90 %: cmp': theirs('cmp', 'old', 'old-changed'),
      'one byte at 90 %: diff': theirs('diff', 'old', 'old-changed'),
    };
    const samples = new Map<string, Sample[]>(Object.keys(contenders).map((name) => [name, []]));
    for (let round = 0; round <= rounds; round += 1) {
      for (const [name, command] of Object.entries(contenders)) {
        const sample = await measure(command);
        // The first round fills the page cache.
        if (round > 0) samples.get(name)?.push(sample);
      }
    }
    const of = (name: string): Sample[] => samples.get(name) ?? [];
    const peaks = async (command: Command): Promise<string> =>
      median([await peakOf(command), await peakOf(command), await peakOf(command)]).toFixed(1);
    const bare = await peaks(run([process.execPath, '-e', '0']));
    return [
      `${cpus().length} cores, ${cpus()[0]?.model ?? 'unknown'}; Node ${process.version}; load ${loadavg()[0]?.toFixed(1)} at the end; ${(size / GIB).toFixed(2)} GiB a file`,
      markdown([...samples].map(([name, taken]) => rowOf(name, taken))),
      paired('equal: baton', of('equal: baton'), 'cmp', of('equal: cmp')),
      paired('one byte: baton', of('one byte at 90 %, stamps validated: baton'), 'diff', of('one byte at 90 %: diff')),
      `- peak of our own process, every stamp validated: ${await peaks(ours('old', 'new'))} MB; a tenth of the size: ${await peaks(ours('old-small', 'new-small'))} MB; equal: ${await peaks(ours('old', 'same'))} MB; a bare Node: ${bare} MB`,
    ].join('\n\n');
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

// The same lines in every log; `start` is the microsecond of the day at which it begins.
async function writeLog(path: string, size: number, start: number): Promise<void> {
  await writeFile(path, '');
  const out = createWriteStream(path);
  let [seed, micros, written, block] = [12_345, start, 0, ''];
  while (written < size) {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
    micros += 20 + ((seed >>> 8) % 200);
    let line = `[out]${stampOf(micros)} `;
    const goal = line.length + 90;
    for (let draw = seed; line.length < goal; draw = (Math.imul(draw, 1_664_525) + 1_013_904_223) >>> 0) {
      line += `${WORDS[(draw >>> 24) % WORDS.length]} `;
    }
    block += `${line}\n`;
    if (block.length < 1024 * 1024 && written + block.length < size) continue;
    written += block.length;
    if (!out.write(block)) await once(out, 'drain');
    block = '';
  }
  out.end();
  await once(out, 'close');
}

function stampOf(micros: number): string {
  const two = (number: number): string => String(number % 60).padStart(2, '0');
  const seconds = Math.floor(micros / 1_000_000);
  const time = `${String(Math.floor(seconds / 3600) % 24).padStart(2, '0')}:${two(Math.floor(seconds / 60))}:${two(seconds)}`;
  const fraction = micros % 1_000_000;
  return `2026-11-20T${time}${fraction === 0 ? '' : `.${String(fraction).padStart(6, '0')}`}`;
}

async function changeByte(path: string, at: number): Promise<void> {
  const handle = await open(path, 'r+');
  try {
    // A letter of a word, not a part of a stamp.
    const { buffer } = await handle.read(Buffer.alloc(400), 0, 400, at);
    const letter = buffer.indexOf('retry') === -1 ? buffer.indexOf('done') : buffer.indexOf('retry');
    await handle.write(Buffer.from('X'), 0, 1, at + Math.max(0, letter));
  } finally {
    await handle.close();
  }
}
