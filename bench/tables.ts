import { median, type Sample } from './measure.ts';

/** One contender's figures. */
export interface Row {
  name: string;
  runs: number;
  wall: { median: number; min: number; max: number };
  cpu: number;
  rss: number;
}

/** Sums up the samples of one contender; seconds and MB. */
export function rowOf(name: string, samples: readonly Sample[]): Row {
  const walls = samples.map((s) => s.wall);
  return {
    name,
    runs: samples.length,
    wall: { median: median(walls), min: Math.min(...walls), max: Math.max(...walls) },
    cpu: median(samples.map((s) => s.cpu)),
    rss: Math.max(...samples.map((s) => s.rss)),
  };
}

/** A Markdown table of rows: wall and CPU in milliseconds. */
export function markdown(rows: readonly Row[]): string {
  const ms = (seconds: number): string => `${Math.round(seconds * 1000)}`;
  return [
    '| | runs | wall median ms | min | max | CPU ms | peak of largest process MB |',
    '|---|---|---|---|---|---|---|',
    ...rows.map(
      (row) =>
        `| ${row.name} | ${row.runs} | ${ms(row.wall.median)} | ${ms(row.wall.min)} | ${ms(row.wall.max)} | ${ms(row.cpu)} | ${row.rss.toFixed(0)} |`,
    ),
  ].join('\n');
}

/** How two contenders compare, round by round: the median of the ratios (and of the differences) of wall time and CPU. */
export function paired(a: string, ours: readonly Sample[], b: string, theirs: readonly Sample[]): string {
  const pairs = ours.flatMap((sample, i) => {
    const other = theirs[i];
    return other === undefined ? [] : [{ ours: sample, theirs: other }];
  });
  const wall = median(pairs.map((p) => p.ours.wall / p.theirs.wall));
  const cpu = median(pairs.map((p) => p.ours.cpu / p.theirs.cpu));
  const difference = median(pairs.map((p) => p.ours.wall - p.theirs.wall)) * 1000;
  return `- ${a} / ${b}: wall ${wall.toFixed(2)}, CPU ${cpu.toFixed(2)}, wall difference ${difference.toFixed(0)} ms (medians of ${pairs.length} pairs)`;
}
