import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { agentRecordings, temporaryDirectory } from '@baton/testkit';
import { beforeAll, describe, expect, test } from 'vitest';
import { openGoldens } from '../golden/golden-store.ts';
import { recordingForm } from '../golden/recording-form.ts';
import type { Content, Observation, TreeChange } from '../model/observation.ts';
import type { FixtureEntry, Scenario } from '../model/scenario.ts';
import { crashReportsOf } from './crash-token.ts';
import { type ImportedRecording, importRecording } from './import-recording.ts';
import { loadSuite } from './load-suite.ts';
import { layRecordings } from './test-recordings.ts';
import { writeScenario } from './write-scenario.ts';

type Json = Record<string, unknown>;
interface Imported extends ImportedRecording {
  given: Json;
  expected: Json;
}

const PARITY = resolve(import.meta.dirname, '../../../../apps/agent/parity');
const all: Imported[] = [];
let directory = '';

beforeAll(async () => {
  const recordings = agentRecordings();
  directory = layRecordings(recordings);
  for (const [name, files] of Object.entries(recordings)) {
    const given = JSON.parse(files['scenario.json']) as Json;
    const expected = JSON.parse(files['expected.json']) as Json;
    all.push({ ...(await importRecording(join(directory, name))), given, expected });
  }
});

describe('the 174 recordings', () => {
  test('become scenarios of different ids, each in the suite of its first tag', () => {
    expect(all).toHaveLength(174);
    expect(new Set(all.map(({ scenario }) => scenario.id)).size).toBe(174);
    const ids = Object.fromEntries(all.map(({ name, scenario }) => [name, scenario.id]));
    expect(ids).toMatchObject({
      'tee-two-writes': 'tee/two-writes',
      'config-bad-json': 'config/bad-json',
      'apply-rerun-skips': 'flags/apply-rerun-skips',
      'sigkill-agent': 'sigterm/sigkill-agent',
    });
    for (const { name, scenario, given } of all) {
      const [suite, rest = ''] = scenario.id.split('/');
      expect([rest, `${suite}-${rest}`]).toContain(name);
      expect(suite).toBe((given.tags as string[])[0]);
    }
  });

  test('lose nothing of what they were given: the scenario says it all, key for key', () => {
    for (const { scenario, given } of all) {
      const { name: _, ...rest } = given;
      expect(asRecorded(scenario)).toEqual(withDefaults(rest));
    }
  });

  test('lose nothing of what was recorded: every text, row, mode and exit status, and what follows from them', () => {
    for (const { scenario, observation, expected } of all) {
      const { name: _, ts_groups: __, ...given } = expected;
      const rest = { deleted: [], container_deleted: [], ...given };
      expect(asExpected(observation, scenario, rest), scenario.id).toEqual(rest);
    }
  });

  test('are the same when they were written as YAML and read', async () => {
    const root = temporaryDirectory('imported');
    for (const { scenario } of all) {
      const path = join(root, `${scenario.id}.yaml`);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, writeScenario(scenario));
    }
    const byId = new Map(all.map(({ scenario }) => [scenario.id, scenario]));
    const loaded = await loadSuite(root);
    expect(loaded).toHaveLength(174);
    for (const scenario of loaded) expect(scenario).toEqual(byId.get(scenario.id));
  });

  test('are what the agent is held to: its scenarios give the same inputs', async () => {
    const kept = new Map((await loadSuite(join(PARITY, 'scenarios'))).map((scenario) => [scenario.id, scenario]));
    for (const { scenario } of all) {
      // What is held to, and for how long it may differ, is the project's decision.
      const { crash, diverge: _, timing, ...inputs } = kept.get(scenario.id) ?? scenario;
      expect({ ...inputs, crash: scenario.crash, diverge: [], timing: 'shared' }).toEqual(scenario);
      expect(['strict', 'typed', 'present'].indexOf(crash)).toBeLessThanOrEqual(
        ['strict', 'typed', 'present'].indexOf(scenario.crash),
      );
      expect(timing).toMatch(/^(shared|alone)$/);
    }
    expect([...kept.keys()].filter((id) => all.some(({ scenario }) => scenario.id === id))).toHaveLength(174);
  });

  test('are what the agent is held to: its goldens give back what was recorded', async () => {
    const goldens = openGoldens(join(PARITY, 'goldens'));
    for (const { scenario, observation } of all) {
      const { kind } = await goldens.origin(scenario.id);
      if (kind !== 'imported') continue;
      const { tokens: _, ...kept } = await goldens.read(scenario.id);
      expect(sorted(kept), scenario.id).toEqual(sorted(observation));
    }
  });
});

describe('a crash report that was cut down', () => {
  test.each([
    ['<TRACEBACK KeyError: a>\n', 'Traceback (most recent call last):\nKeyError: a\n'],
    [
      'x\n[err]S <TRACEBACK E: a > b>\n[err]S ',
      'x\n[err]S Traceback (most recent call last):\n[err]S E: a > b\n[err]S ',
    ],
    ['[out]S [err]T <TRACEBACK E>', '[out]S [err]T Traceback (most recent call last):\n[err]T E'],
    ['text <TRACEBACK E>\n<TRACEBACK E\n', 'text <TRACEBACK E>\n<TRACEBACK E\n'],
  ])('%j', (cut, report) => {
    expect(crashReportsOf(cut)).toBe(report);
  });
});

describe('a recording that is not understood', () => {
  const broken = async (
    change: (files: Record<'scenario.json' | 'expected.json', string>) => void,
  ): Promise<unknown> => {
    const [[name, files] = ['', { 'scenario.json': '', 'expected.json': '' }]] = Object.entries(agentRecordings());
    const copy = { ...files };
    change(copy);
    return await importRecording(join(layRecordings({ [name]: copy }), name)).catch((error: unknown) => error);
  };
  test.each<[string, RegExp, (files: Record<'scenario.json' | 'expected.json', string>) => void]>([
    [
      'an unknown key',
      /scenario.json: the whole: Unrecognized key: "colour"/,
      (files) => {
        files['scenario.json'] = files['scenario.json'].replace('{', '{ "colour": 1,');
      },
    ],
    [
      'another name',
      /expected one name in folder, scenario.json and expected.json, found .*, other/,
      (files) => {
        files['expected.json'] = files['expected.json'].replace(/"name": "[^"]+"/, '"name": "other"');
      },
    ],
    [
      'no JSON',
      /expected.json: expected JSON in UTF-8/,
      (files) => {
        files['expected.json'] = '{';
      },
    ],
    [
      'a missing run',
      /expected as many runs/,
      (files) => {
        const expected = JSON.parse(files['expected.json']) as { runs: unknown[] };
        files['expected.json'] = JSON.stringify({ ...expected, runs: [...expected.runs, ...expected.runs] });
      },
    ],
    [
      'an exit status that is no number',
      /expected.json: runs.0.exit_code/,
      (files) => {
        files['expected.json'] = files['expected.json'].replace(/"exit_code": -?\d+/, '"exit_code": "0"');
      },
    ],
  ])('%s is RECORDING_INVALID', async (_, message, change) => {
    expect(await broken(change)).toMatchObject({ code: 'RECORDING_INVALID', message: expect.stringMatching(message) });
  });

  test('so is a folder without one of its files', async () => {
    const [{ name } = { name: '' }] = all;
    const copy = join(temporaryDirectory('partial'), name);
    cpSync(join(directory, name, 'scenario.json'), join(copy, 'scenario.json'));
    await expect(importRecording(copy)).rejects.toMatchObject({
      code: 'RECORDING_INVALID',
      message: expect.stringMatching(/found nothing/),
    });
    expect(basename(copy)).toBe(name);
    expect(readFileSync(join(copy, 'scenario.json'), 'utf8')).not.toBe('');
  });
});

// The order of rows says nothing.
function sorted(observation: Observation): Observation {
  const rows = (tree: TreeChange): TreeChange => ({
    ...tree,
    rows: [...tree.rows].sort((a, b) => (a.path < b.path ? -1 : 1)),
    deleted: [...tree.deleted].sort(),
  });
  return { ...observation, host: rows(observation.host), container: rows(observation.container) };
}

// From here on: our terms turned back into those of a recording, by hand and apart from the import.

const MARKS: Record<string, string> = {
  'iso-utc': '<TSUTC>',
  'iso-local': '<TS>',
  'log-stamp': '<LOGTS>',
  'temp-name': '<TMP>',
  epoch: '<EPOCH>',
  'root-prefix': '{ROOT}',
  'crash-report': 'TRACEBACK',
};

function asRecorded(scenario: Scenario): Json {
  const variables = (env: Scenario['env']): Json =>
    Object.fromEntries(
      env.map(({ name, value }) => [
        name,
        value.toString('utf8').includes('\ufffd') ? `hex:${value.toString('hex')}` : value.toString('utf8'),
      ]),
    );
  return {
    title: scenario.why,
    tags: scenario.tags,
    env: variables(scenario.env),
    root_mount: scenario.root.mount,
    rootfs: scenario.root.base,
    rootfs_remove: scenario.root.remove,
    host_tree: scenario.host.map(entryAsRecorded),
    container_tree: scenario.container.map(entryAsRecorded),
    cwd: scenario.cwd,
    runs: scenario.runs.map(({ argv, env, before, actions }) => ({
      argv: argv.map((bytes) => bytes.toString('utf8').replaceAll('{root}', '{ROOT}')),
      env: variables(env),
      before: before.map(entryAsRecorded),
      actions: actions.map(({ waitFor, delay, signal, to }) => ({
        wait_for: waitFor,
        delay,
        signal,
        to: to === 'subject' ? 'agent' : to,
      })),
    })),
    clock: scenario.clock.kind === 'real' ? undefined : { faketime: scenario.clock.time },
    merge_streams: scenario.streams === 'merged',
    grouped:
      scenario.tokens.some(({ use }) => use.startsWith('iso-')) && scenario.tokens.every((rule) => !('groups' in rule)),
    normalised: scenario.tokens.map(({ use }) => MARKS[use]),
    traceback_level: scenario.crash,
  };
}

function entryAsRecorded({ contents, ...entry }: FixtureEntry): Json {
  if (contents === undefined) return entry;
  if (!Buffer.isBuffer(contents)) return { ...entry, generate: contents };
  const text = contents.toString('utf8');
  return Buffer.from(text).equals(contents) ? { ...entry, utf8: text } : { ...entry, b64: contents.toString('base64') };
}

function withDefaults(given: Json): Json {
  const entries = (list: unknown): Json[] => ((list ?? []) as Json[]).map((entry) => ({ type: 'file', ...entry }));
  return {
    cwd: '/',
    rootfs_remove: [],
    merge_streams: false,
    traceback_level: 'strict',
    ...given,
    clock: given.clock,
    grouped: given.grouped === true && (given.normalised as string[]).some((mark) => mark.startsWith('<TS')),
    host_tree: entries(given.host_tree),
    container_tree: entries(given.container_tree),
    runs: (given.runs as Json[]).map((run) => ({
      env: {},
      ...run,
      before: entries(run.before),
      actions: ((run.actions ?? []) as Json[]).map((action) => ({ delay: 0.2, ...action })),
    })),
  };
}

function asExpected(observation: Observation, { root }: Scenario, expected: Json): Json {
  const text = (content: Content | undefined, recorded: Json): Json => {
    if (content === undefined) return {};
    if (content.kind === 'file') throw new Error('no import gives files');
    if (content.kind === 'elided') {
      const { size, sha256, head, tail } = content.normalised;
      return {
        size: content.size,
        norm_size: size,
        norm_sha256: sha256,
        raw_head: { utf8: content.head.toString() },
        norm_head: { utf8: head.toString() },
        norm_tail: { utf8: tail.toString() },
      };
    }
    const cut = recorded.raw_traceback_elided === true;
    const raw = cut ? cutDown(content.bytes) : content.bytes;
    const marked = recordingForm(content.bytes, root.mount);
    const norm = marked.equals(raw) && !cut ? {} : { norm: textAs(marked, recorded.norm) };
    const grouped =
      'ts_grouped' in recorded
        ? { ts_grouped: textAs(numbered(content.bytes, observation, root.mount), recorded.ts_grouped) }
        : {};
    return { raw: textAs(raw, recorded.raw), ...norm, ...grouped, ...(cut ? { raw_traceback_elided: true } : {}) };
  };
  const rows = (change: TreeChange, recorded: Json[]): Json[] =>
    change.rows.map(({ contents, ...row }, i) => {
      const named =
        'norm_path' in (recorded[i] ?? {}) ? { norm_path: row.path.replace(/-[\d-]{17}(?=\.log)/, '-<LOGTS>') } : {};
      return { ...row, ...named, ...text(contents, recorded[i] ?? {}) };
    });
  const runs = expected.runs as Record<string, Json>[];
  const { host, container } = observation;
  return {
    runs: observation.runs.map((run, i) => ({
      exit_code:
        run.end.kind === 'exit'
          ? run.end.code
          : run.end.kind === 'signal'
            ? { INT: -2, KILL: -9 }[run.end.signal]
            : undefined,
      ...Object.fromEntries(
        (['stdout', 'stderr', 'merged'] as const).flatMap((stream) =>
          run[stream] === undefined ? [] : [[stream, text(run[stream], runs[i]?.[stream] ?? {})]],
        ),
      ),
    })),
    files: rows(host, expected.files as Json[]),
    deleted: host.deleted,
    container_files: rows(container, expected.container_files as Json[]),
    container_deleted: container.deleted,
    ...(host.rootMode === undefined ? {} : { root_mode: host.rootMode }),
  };
}

function cutDown(bytes: Buffer): Buffer {
  const report = /^((?:\[(?:out|err)\]\S* )*)Traceback \(most recent call last\):\n(?:\[(?:out|err)\]\S* )?([^\n]*)$/gm;
  return Buffer.from(bytes.toString('latin1').replace(report, '$1<TRACEBACK $2>'), 'latin1');
}

// Which stamps were equal, and which came later, over the whole scenario: the number of each distinct one in the order of time.
function numbered(bytes: Buffer, { runs, host }: Observation, mount: string): Buffer {
  const contents = [
    ...runs.flatMap(({ stdout, stderr, merged }) => [stdout, stderr, merged]),
    ...host.rows.map((row) => row.contents),
  ];
  const texts = contents.flatMap((content) => {
    if (content === undefined || content.kind === 'file') return [];
    return [(content.kind === 'bytes' ? content.bytes : content.head).toString('latin1')];
  });
  const stamp = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{6})?(?!\.?\d|\+00:00)/g;
  const order = [...new Set(texts.flatMap((text) => text.match(stamp) ?? []))].sort();
  const text = bytes.toString('latin1').replace(stamp, (found) => `<TS#${order.indexOf(found) + 1}>`);
  return recordingForm(Buffer.from(text, 'latin1'), mount);
}

function textAs(bytes: Buffer, recorded: unknown): Json {
  return typeof recorded === 'object' && recorded !== null && 'b64' in recorded
    ? { b64: bytes.toString('base64') }
    : { utf8: bytes.toString('utf8') };
}
