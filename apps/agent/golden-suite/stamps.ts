import type { Difference } from './difference.ts';
import { localStamps, utcStamps } from './normalise.ts';
import type { Observation } from './observe.ts';
import { STREAMS } from './recording.ts';
import type { Scenario } from './scenario.ts';
import { ZONES } from './zones.ts';

/** A text that a candidate wrote, and when it may have. */
export interface WrittenText {
  where: string;
  bytes: Buffer;
  /** Milliseconds since 1970. */
  from: number;
  to: number;
}

const SLACK = 50; // milliseconds by which two readings of one clock may be apart
const LEAST = 3; // distinct stamps from which on their last digits say something

/** Everything that was written in a scenario, streams first. */
export function writtenTexts({ runs, host, container }: Observation): WrittenText[] {
  const streams = runs.flatMap((run, i) =>
    STREAMS.flatMap((stream) => {
      const bytes = run[stream];
      return bytes === undefined ? [] : [{ where: `run ${i + 1} ${stream}`, bytes, from: run.began, to: run.ended }];
    }),
  );
  const [from, to] = [runs[0]?.began ?? 0, runs.at(-1)?.ended ?? 0];
  const trees = { host, container };
  const files = Object.entries(trees).flatMap(([tree, { files }]) =>
    files.map(({ path, contents }) => ({ where: `${tree} ${path}`, bytes: contents ?? Buffer.alloc(0), from, to })),
  );
  return [...streams, ...files];
}

/**
 * What normalisation hides (goldens/README.md, "Additional checks"): the fraction is left out exactly at microsecond 0, stamps never
 * decrease in a text, microseconds are real, and every moment (local by the scenario's zone, UTC in log names and history)
 * lies within the run.
 */
export function checkStamps(scenario: Scenario, observation: Observation): Difference[] {
  if (scenario.clock !== undefined) return [];
  const zone = ZONES[scenario.env.TZ ?? ''];
  if (zone === undefined) throw new Error(`${scenario.name}: the zone ${scenario.env.TZ} is not in zones.ts`);
  // What the scenario itself puts there is not the candidate's.
  const given = JSON.stringify(scenario);
  const differences: Difference[] = [];
  const all = new Set<string>();
  for (const { where, bytes, from, to } of writtenTexts(observation)) {
    const add = (problem: string): void => void differences.push({ where, problem });
    const local = localStamps(bytes).filter((stamp) => !given.includes(stamp));
    for (const stamp of local) all.add(stamp);
    const zero = local.find((stamp) => stamp.endsWith('.000000'));
    if (zero !== undefined) add(`${zero} has a fraction of zero, which is left out`);
    const falling = local.findIndex((stamp, i) => micros(stamp) < micros(local[i - 1] ?? stamp));
    if (falling !== -1) add(`${local[falling]} comes after ${local[falling - 1]}`);
    const moments = [
      ...local.map((stamp) => [stamp, micros(stamp) / 1000 - zone.minutesAhead * 60_000] as const),
      ...utcStamps(bytes)
        .filter((stamp) => !given.includes(stamp))
        .map((stamp) => [stamp, micros(stamp) / 1000] as const),
      ...epochs(bytes),
    ];
    const strange = moments.find(([, at]) => at < from - SLACK || at > to + SLACK);
    if (strange !== undefined) add(`${strange[0]} is not within the run (${iso(from)} to ${iso(to)})`);
  }
  if (all.size >= LEAST && [...all].every((stamp) => !/\.\d{6}$/.test(stamp) || stamp.endsWith('000'))) {
    differences.push({ where: 'time stamps', problem: `no microseconds in any of ${[...all].join(' ')}` });
  }
  return [...differences, ...checkLogNames(observation)];
}

/** Microseconds since 1970, as if the stamp were UTC. */
export function micros(stamp: string): number {
  const [, seconds = '', fraction = '0'] = /^(.{19})(?:\.(\d{6}))?/.exec(stamp) ?? [];
  return Date.parse(`${seconds}Z`) * 1000 + Number(fraction);
}

function checkLogNames({ runs, host, container }: Observation): Difference[] {
  const [from, to] = [runs[0]?.began ?? 0, runs.at(-1)?.ended ?? 0];
  return [...host.files, ...container.files].flatMap(({ path, change }) => {
    const [, day = '', h = '', m = '', s = ''] = /-(\d{4}-\d\d-\d\d)-(\d\d)(\d\d)(\d\d)\.log/.exec(path) ?? [];
    if (day === '' || change !== undefined) return [];
    const at = Date.parse(`${day}T${h}:${m}:${s}Z`);
    const within = at >= Math.floor((from - SLACK) / 1000) * 1000 && at <= to + SLACK;
    return within
      ? []
      : [{ where: path, problem: `its name is not within the run (${iso(from)} to ${iso(to)}), in UTC` }];
  });
}

function epochs(bytes: Buffer): [string, number][] {
  const text = bytes.toString('latin1');
  return /^\d{9,11}\.\d{1,9}$/.test(text) ? [[text, Number(text) * 1000]] : [];
}

function iso(moment: number): string {
  return new Date(moment).toISOString();
}
