import { localStamps, utcStamps } from './normalise.ts';
import type { Observation, ObservedRun } from './observe.ts';
import { contentsOf, type RecordedFile, type RecordedText, type Recording } from './recording.ts';
import type { Scenario } from './scenario.ts';
import type { ObservedFile } from './snapshot.ts';
import { micros } from './stamps.ts';
import { ZONES } from './zones.ts';

const MARGIN = 1000; // milliseconds

/** Whether every text of a recording is there in full, so that it can be taken for an observation. */
export function isComplete({ runs, files }: Recording): boolean {
  const texts = [...runs.flatMap(({ stdout, stderr, merged }) => [stdout, stderr, merged]), ...files.map(contentsOf)];
  return texts.every((text) => text === undefined || 'raw' in text);
}

/** A recording as if a candidate had just done the same, at the moments that stand in it. */
export function observationOf(scenario: Scenario, recording: Recording): Observation {
  const times = momentsOf(scenario, recording);
  const runs = recording.runs.map((run): ObservedRun => {
    const { exit_code: exitCode, stdout, stderr, merged } = run;
    return {
      exitCode,
      ...(stdout && { stdout: rawOf(stdout) }),
      ...(stderr && { stderr: rawOf(stderr) }),
      ...(merged && { merged: rawOf(merged) }),
      began: Math.min(...times) - MARGIN,
      ended: Math.max(...times) + MARGIN,
      faults: [],
    };
  });
  return {
    runs,
    host: {
      files: recording.files.map(asObserved),
      deleted: [...recording.deleted],
      ...(recording.root_mode !== undefined && { rootMode: recording.root_mode }),
    },
    container: { files: recording.container_files.map(asObserved), deleted: [...recording.container_deleted] },
  };
}

function asObserved(file: RecordedFile): ObservedFile {
  const { path, type, mode = '', target, change } = file;
  const text = contentsOf(file);
  return {
    path,
    type,
    mode,
    ...(text && { contents: rawOf(text) }),
    ...(target !== undefined && { target }),
    ...(change !== undefined && { change }),
  };
}

function rawOf(text: RecordedText): Buffer {
  if (!('raw' in text)) throw new Error('only the head of this text was recorded');
  return text.raw;
}

// In milliseconds since 1970: every stamp in what was written, and every moment in the name of a log.
function momentsOf(scenario: Scenario, { runs, files }: Recording): number[] {
  const ahead = (ZONES[scenario.env.TZ ?? '']?.minutesAhead ?? 0) * 60_000;
  const given = JSON.stringify(scenario);
  const texts = [...runs.flatMap(({ stdout, stderr, merged }) => [stdout, stderr, merged]), ...files.map(contentsOf)];
  const raw = texts.flatMap((text) => (text && 'raw' in text ? [text.raw] : []));
  const epochs = raw.map((text) => text.toString('latin1')).filter((text) => /^\d{10}\.\d+$/.test(text));
  const named = files.flatMap(({ path, change }) => {
    const [, day = '', h = '', m = '', s = ''] = /-(\d{4}-\d\d-\d\d)-(\d\d)(\d\d)(\d\d)\.log/.exec(path) ?? [];
    return day === '' || change !== undefined ? [] : [Date.parse(`${day}T${h}:${m}:${s}Z`)];
  });
  return [
    ...raw
      .flatMap(localStamps)
      .filter((stamp) => !given.includes(stamp))
      .map((stamp) => micros(stamp) / 1000 - ahead),
    ...raw
      .flatMap(utcStamps)
      .filter((stamp) => !given.includes(stamp))
      .map((stamp) => micros(stamp) / 1000),
    ...epochs.map((text) => Number(text) * 1000),
    ...named,
  ];
}
