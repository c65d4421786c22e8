import type { RunObservation } from '../model/observation.ts';
import type { EnvVariable, Scenario } from '../model/scenario.ts';
import { WINDOW_SLACK } from '../tokens/stamp-track.ts';
import { minutesAhead } from '../tokens/zone.ts';
import type { SideWindows } from './channel-context.ts';

/** When the stamps of one run may lie, by what the harness saw and the run's zone; no windows for a recorded one. */
export function windowsOfRun(scenario: Scenario, run: RunObservation | undefined, index: number): SideWindows {
  return run?.window === undefined ? {} : windowsOf(run.window, zoneOf(scenario, index));
}

/** The same for what lies in a tree in the end: from the first run's beginning to the last one's end. */
export function windowsOfTrees(scenario: Scenario, runs: readonly RunObservation[]): SideWindows {
  const windows = runs.flatMap(({ window }) => (window === undefined ? [] : [window]));
  if (windows.length === 0 || windows.length < runs.length) return {};
  const began = Math.min(...windows.map((window) => window.began));
  const ended = Math.max(...windows.map((window) => window.ended));
  const zones = new Set(scenario.runs.map((_, i) => zoneOf(scenario, i)));
  const { local, utc } = windowsOf({ began, ended }, zoneOf(scenario, 0));
  return { ...(utc && { utc }), ...(local && zones.size === 1 && { local }) };
}

function windowsOf({ began, ended }: { began: number; ended: number }, zone: string | undefined): SideWindows {
  const utc = { from: began - WINDOW_SLACK, to: ended + WINDOW_SLACK };
  const ahead = minutesAhead(zone, began / 1000);
  const shift = (ahead ?? 0) * 60_000_000;
  return { utc, ...(ahead !== undefined && { local: { from: utc.from + shift, to: utc.to + shift } }) };
}

function zoneOf(scenario: Scenario, run: number): string | undefined {
  const variables: readonly EnvVariable[] = [...scenario.env, ...(scenario.runs[run]?.env ?? [])];
  return variables.findLast(({ name }) => name === 'TZ')?.value.toString('latin1');
}
