import { localStamps } from './normalise.ts';
import type { Observation, ObservedRun } from './observe.ts';
import { STREAMS } from './recording.ts';
import type { Scenario } from './scenario.ts';
import type { ObservedFile } from './snapshot.ts';

/** Changes an observation into one that must be refused; false where there is nothing of the kind to change. */
export type Mutation = (observation: Observation, scenario: Scenario) => boolean;

/** One way for each thing that is compared; every one of them must be noticed wherever it applies. */
export const MUTATIONS: Readonly<Record<string, Mutation>> = {
  'another byte in stdout': onStdout((text) => replaceByte(text, Math.floor(text.length / 2))),
  'another last byte in stdout': onStdout((text) => replaceByte(text, text.length - 1)),
  'a byte more in stdout': onStdout((text) => Buffer.concat([text, Buffer.from('x')])),
  'a byte less in stdout': onStdout((text) => text.subarray(0, -1)),
  'a line less': onStdout((text) =>
    Buffer.from(lines(text).slice(0, -2).concat(lines(text).slice(-1)).join('\n'), 'latin1'),
  ),
  'a line twice': onStdout((text) => Buffer.from([...lines(text).slice(0, 1), ...lines(text)].join('\n'), 'latin1')),
  'two lines swapped': onStdout((text) => {
    const [a = '', b = '', ...rest] = lines(text);
    return Buffer.from([b, a, ...rest].join('\n'), 'latin1');
  }),
  'something on stderr': ({ runs }) =>
    onEach(runs, (run) => run.stderr && { ...run, stderr: Buffer.concat([run.stderr, Buffer.from('!')]) }),
  'the streams exchanged': ({ runs }) =>
    onEach(runs, (run) => run.stdout && run.stderr && { ...run, stdout: run.stderr, stderr: run.stdout }),
  'another exit status': ({ runs }) => onEach(runs, (run) => ({ ...run, exitCode: run.exitCode + 1 })),
  'a run that had to be ended': ({ runs }) => onEach(runs, (run) => ({ ...run, faults: ['did not end'] })),
  'a run less': ({ runs }) => runs.splice(0, 1).length > 0,
  'another mode of a file': onFiles(
    (file) => file.type === 'file' && { ...file, mode: '0600' === file.mode ? '0644' : '0600' },
  ),
  'another mode of a directory': onFiles(
    (file) => file.type === 'dir' && { ...file, mode: file.mode === '0700' ? '0755' : '0700' },
  ),
  'a byte less in a file': onFiles((file) => file.contents?.length && { ...file, contents: file.contents.subarray(1) }),
  'a byte more in a file': onFiles(
    (file) => file.contents && { ...file, contents: Buffer.concat([file.contents, Buffer.from('\n')]) },
  ),
  'a directory in place of a file': onFiles(({ path, mode, type }) => type === 'file' && { path, mode, type: 'dir' }),
  'another name of a file': onFiles((file) => ({ ...file, path: `${file.path}x` })),
  'new in place of modified': onFiles(({ change, ...file }) => change && file),
  'a file less': ({ host }) => host.files.splice(-1, 1).length > 0,
  'a file more': ({ host }) =>
    host.files.push({ path: '/x', type: 'file', mode: '0644', contents: Buffer.alloc(0) }) > 0,
  'a directory more in the container': ({ container }) =>
    container.files.push({ path: '/x', type: 'dir', mode: '0755' }) > 0,
  'a directory less in the container': ({ container }) => container.files.splice(-1, 1).length > 0,
  'a laid out file gone': ({ host }) => host.deleted.push('/pkg/config.json') > 0,
  'a file left that should be gone': ({ host }) => host.deleted.splice(0, 1).length > 0,
  'another mode of the root mount': ({ host }) => Object.assign(host, { rootMode: '0700' }) === host,
  'the fraction cut to milliseconds': onStamps((stamp) => stamp.slice(0, -3)),
  'milliseconds with zeros appended': (observation, scenario) =>
    distinctMilliseconds(observation) >= 3 && onStamps((stamp) => `${stamp.slice(0, -3)}000`)(observation, scenario),
  'a fraction of zero written out': onStamps((stamp) => `${stamp.slice(0, 19)}.000000`),
  'a blank in place of the T': onStamps((stamp) => stamp.replace('T', ' ')),
  'one hour late': onStamps((stamp) => stamp.replace(/T(\d\d)/, (_, hour) => `T${addHour(hour)}`)),
  'log names one hour late': onFiles(({ path, ...file }) => {
    const later = path.replace(/(-\d{4}-\d\d-\d\d-)(\d\d)(?=\d{4}\.log)/, (_, day, hour) => day + addHour(hour));
    return file.change === undefined && later !== path && { path: later, ...file };
  }),
  'seconds since 1970 one hour late': onFiles((file) => {
    const [, seconds = '', fraction] = /^(\d{10})(\.\d+)$/.exec(file.contents?.toString('latin1') ?? '') ?? [];
    return seconds !== '' && { ...file, contents: Buffer.from(`${Number(seconds) + 3600}${fraction}`) };
  }),
  'each stamp of a text its own': (observation, scenario) => {
    let count = 0;
    const step = (stamp: string): string => stamp.slice(0, -6) + String(100_000 + count++ * 1000 + 1);
    return scenario.grouped && equalStamps(observation) && onStamps(step)(observation, scenario);
  },
  'one stamp for all': (observation, scenario) => {
    const [stamp = ''] = localStamps(observation.runs[0]?.stdout ?? Buffer.alloc(0));
    return scenario.grouped && hasPause(observation) && onStamps(() => stamp)(observation, scenario);
  },
  'stamps that go back': (observation, scenario) => {
    const run = observation.runs[0];
    const found = localStamps(run?.stdout ?? Buffer.alloc(0));
    if (scenario.clock !== undefined || run?.stdout === undefined || new Set(found).size < 2) return false;
    let i = found.length;
    run.stdout = Buffer.from(
      run.stdout.toString('latin1').replace(STAMP, () => found[--i] ?? ''),
      'latin1',
    );
    return true;
  },
};

const STAMP = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}(?!\+)/g;

function onStdout(change: (text: Buffer) => Buffer): Mutation {
  return ({ runs }) => {
    const changed = (text: Buffer): Buffer | undefined => {
      const other = text.length > 0 ? change(text) : text;
      return other.equals(text) ? undefined : other;
    };
    return onEach(runs, (run) => {
      const [stdout, merged] = [run.stdout && changed(run.stdout), run.merged && changed(run.merged)];
      return (stdout ?? merged) && { ...run, ...(stdout && { stdout }), ...(merged && { merged }) };
    });
  };
}

// Changes the first one that can be.
function onEach(runs: ObservedRun[], change: (run: ObservedRun) => ObservedRun | undefined): boolean {
  const at = runs.findIndex((run) => change(run) !== undefined);
  const changed = runs[at] && change(runs[at]);
  if (changed !== undefined) runs[at] = changed;
  return changed !== undefined;
}

function onFiles(change: (file: ObservedFile) => ObservedFile | false | 0 | '' | undefined): Mutation {
  return ({ host: { files } }) => {
    const at = files.findIndex((file) => change(file));
    const changed = files[at] && change(files[at]);
    if (!changed) return false;
    files[at] = changed;
    return true;
  };
}

function onStamps(change: (stamp: string) => string): Mutation {
  return ({ runs, host, container }, { clock }) => {
    if (clock !== undefined) return false;
    let changed = false;
    const edit = (text: Buffer): Buffer => {
      const edited = Buffer.from(text.toString('latin1').replace(STAMP, change), 'latin1');
      changed ||= !edited.equals(text);
      return edited;
    };
    for (const run of runs) {
      for (const stream of STREAMS) if (run[stream]) run[stream] = edit(run[stream]);
    }
    for (const file of [...host.files, ...container.files]) if (file.contents) file.contents = edit(file.contents);
    return changed;
  };
}

function distinctMilliseconds({ runs }: Observation): number {
  return new Set(runs.flatMap(({ stdout = Buffer.alloc(0) }) => localStamps(stdout).map((stamp) => stamp.slice(0, -3))))
    .size;
}

function equalStamps({ runs }: Observation): boolean {
  const stamps = localStamps(runs[0]?.stdout ?? Buffer.alloc(0));
  return new Set(stamps).size < stamps.length;
}

function hasPause({ runs }: Observation): boolean {
  const stamps = localStamps(runs[0]?.stdout ?? Buffer.alloc(0)).map((stamp) => Date.parse(`${stamp.slice(0, 23)}Z`));
  return Math.max(...stamps) - Math.min(...stamps) > 60;
}

function replaceByte(text: Buffer, at: number): Buffer {
  const copy = Buffer.from(text);
  copy[at] = (copy[at] ?? 0) ^ 1;
  return copy;
}

function lines(text: Buffer): string[] {
  return text.toString('latin1').split('\n');
}

function addHour(hour: string): string {
  return String((Number(hour) + 1) % 24).padStart(2, '0');
}
