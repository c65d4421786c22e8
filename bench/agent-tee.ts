import { mkdtemp, rm } from 'node:fs/promises';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  runContender,
  type TeeContender,
  type TeeSample,
  teeContenders,
  writePackage,
} from './agent-tee-contenders.ts';
import { bundledAgent } from './artefacts.ts';
import { type Command, measure, median, type Sample } from './measure.ts';
import { paired } from './tables.ts';

/** What each size is asked to show; the targets. */
const SIZES = [200_000_000, 1_000_000_000];
const SINKS = ['null', 'file'] as const;

/**
 * The agent's tee: a step that prints 80-byte lines in writes of 64 KiB, stdout to /dev/null and to a file, logs on,
 * beside tee(1) writing the same output bytes to the same sinks, a naive Python tee and cat; and the start-up. The
 * contenders take turns in each round. CPU is that of the process that tees, from its start to its end, without the
 * writer, which is the same program for all; the agent's launcher is told apart.
 */
export async function benchAgentTee(rounds: number): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'baton-bench-tee-'));
  try {
    const agent = await bundledAgent(join(dir, 'agent'));
    await writePackage(dir);
    const contenders = teeContenders(agent);
    const parts = [
      `${cpus().length} cores, ${cpus()[0]?.model ?? 'unknown'}; Node ${process.version}; files in ${tmpdir()}`,
    ];
    const idle: TeeSample[] = [];
    for (let round = 0; round < 3; round++) idle.push(await runContender(contenders.ours, dir, 0, 'null'));
    for (const bytes of SIZES) {
      for (const sink of SINKS) {
        const samples = await takeTurns(Object.values(contenders), rounds, (one) =>
          runContender(one, dir, bytes, sink),
        );
        const of = (one: TeeContender | undefined): TeeSample[] => (one === undefined ? [] : (samples.get(one) ?? []));
        const title = `${bytes / 1e6} MB, stdout to ${sink === 'null' ? '/dev/null' : 'a file'}`;
        const { ours, tee, python } = contenders;
        const extra = median(of(ours).map(({ rss }) => rss)) - median(idle.map(({ rss }) => rss));
        parts.push(
          table(title, samples, bytes),
          [
            ratio('agent / tee(1), CPU', of(ours), of(tee), ({ own }) => own, 'at most 1.5'),
            ratio('agent with launcher / tee(1), CPU', of(ours), of(tee), (one) => one.tree - one.writer, ''),
            ratio('agent / Python, CPU', of(ours), of(python), ({ own }) => own, 'at most 0.5'),
            ratio('agent / Python, MB/s', of(python), of(ours), ({ wall }) => wall, 'at least 3'),
            `- peak RSS above an idle agent: ${extra.toFixed(1)} MiB (target: at most 40)`,
          ].join('\n'),
        );
      }
    }
    parts.push(await startUp(agent, dir, rounds * 5), `load ${loadavg()[0]?.toFixed(1)} at the end`);
    return parts.join('\n\n');
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

/** Rounds in which each contender runs once; the first round is not counted. */
async function takeTurns<K, V>(
  contenders: readonly K[],
  rounds: number,
  run: (one: K) => Promise<V>,
): Promise<Map<K, V[]>> {
  const samples = new Map<K, V[]>(contenders.map((one) => [one, []]));
  for (let round = 0; round <= rounds; round++) {
    for (const one of contenders) {
      const sample = await run(one);
      if (round > 0) samples.get(one)?.push(sample);
    }
  }
  return samples;
}

function table(title: string, samples: ReadonlyMap<TeeContender, TeeSample[]>, bytes: number): string {
  const rows = [...samples].map(([{ name }, list]) => {
    const of = (pick: (one: TeeSample) => number): number => median(list.map(pick));
    const rate = bytes / 1e6 / of(({ wall }) => wall);
    const others = of((one) => one.tree - one.own - one.writer);
    const seconds = [of(({ own }) => own), others, of(({ writer }) => writer)].map((value) => value.toFixed(2));
    return `| ${name} | ${list.length} | ${rate.toFixed(0)} | ${seconds.join(' | ')} | ${of(({ rss }) => rss).toFixed(1)} |`;
  });
  return [
    `### ${title}\n`,
    '| | runs | MB/s (without the pause) | CPU s | others (launcher, shells) CPU s | writer CPU s | peak RSS MiB |',
    '|---|---|---|---|---|---|---|',
    ...rows,
  ].join('\n');
}

/** The median over the rounds of one figure's quotient. */
function ratio(
  what: string,
  ours: readonly TeeSample[],
  theirs: readonly TeeSample[],
  pick: (one: TeeSample) => number,
  target: string,
): string {
  const quotients = ours.flatMap((one, i) => {
    const other = theirs[i];
    return other === undefined ? [] : [pick(one) / pick(other)];
  });
  if (quotients.length === 0) return `- ${what}: left out`;
  const spread = `${Math.min(...quotients).toFixed(2)} to ${Math.max(...quotients).toFixed(2)}`;
  const wanted = target === '' ? '' : ` (target: ${target})`;
  return `- ${what}: ${median(quotients).toFixed(2)}, ${spread}${wanted}`;
}

/** A whole run that ends after its banner, beside a Node that does nothing. */
async function startUp(agent: string, dir: string, rounds: number): Promise<string> {
  const env = {
    ...{ PATH: process.env.PATH, LANG: 'C.UTF-8', TZ: 'UTC', COPY_RESOLV: 'false' },
    ...{ SKYHOOK_RESOURCE_ID: 'bench_tee_1.0.0', SKYHOOK_LOG_DIR: join(dir, 'log') },
  };
  const bare: Command = { argv: [process.execPath, '-e', '0'], cwd: dir, env };
  const banner: Command = { argv: [process.execPath, agent, 'none', 'local', '/none'], cwd: dir, env };
  const samples = await takeTurns([bare, banner], rounds, (one) => measure(one));
  const of = (one: Command): Sample[] => samples.get(one) ?? [];
  const cpu = (one: Command): string => (median(of(one).map((sample) => sample.cpu)) * 1000).toFixed(0);
  return [
    '### Start-up: a mode that does not exist, from start to exit\n',
    `- \`node -e 0\`: ${cpu(bare)} ms CPU; agent to its banner and end: ${cpu(banner)} ms CPU`,
    `${paired('agent', of(banner), 'bare Node', of(bare))} (target: CPU at most 1.3)`,
  ].join('\n');
}
