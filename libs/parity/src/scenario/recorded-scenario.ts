import type { EnvVariable, FixtureEntry, Scenario, TokenKind, TokenRule } from '../model/scenario.ts';
import type { RecordedEntry, RecordedScenario } from './recording-schema.ts';
import { BUILT_IN } from './scenario-of-form.ts';

const KINDS: Readonly<Record<RecordedScenario['normalised'][number], TokenKind>> = {
  '<TSUTC>': 'iso-utc',
  '<TS>': 'iso-local',
  '<LOGTS>': 'log-stamp',
  '<TMP>': 'temp-name',
  '<EPOCH>': 'epoch',
  '{ROOT}': 'root-prefix',
  TRACEBACK: 'crash-report',
};

/** The inputs of a recording as a scenario: its first tag is the suite, its title the reason. */
export function scenarioOfRecording(recorded: RecordedScenario): Scenario {
  return {
    id: idOf(recorded.name, recorded.tags),
    why: recorded.title,
    tags: recorded.tags,
    env: environmentOf(recorded.env),
    cwd: recorded.cwd,
    // Of every recording.
    umask: '0022',
    root: { mount: recorded.root_mount, base: recorded.rootfs, remove: recorded.rootfs_remove },
    host: recorded.host_tree.map(entryOf),
    container: recorded.container_tree.map(entryOf),
    feeders: [],
    runs: recorded.runs.map(({ argv, env, before, actions }) => ({
      argv: argv.map((argument) => Buffer.from(argument.replaceAll('{ROOT}', '{root}'))),
      env: environmentOf(env),
      before: before.map(entryOf),
      actions: actions.map(({ wait_for, delay, signal, to }) => ({
        waitFor: wait_for,
        delay,
        signal,
        to: to === 'agent' ? 'subject' : to,
      })),
    })),
    clock: recorded.clock === undefined ? { kind: 'real' } : { kind: 'frozen', time: recorded.clock.faketime },
    streams: recorded.merge_streams ? 'merged' : 'apart',
    observe: { ...BUILT_IN.observe },
    tokens: recorded.normalised.map((name) => tokenOf(KINDS[name], recorded.grouped)),
    crash: recorded.traceback_level,
    diverge: [],
    timing: 'shared',
    timeout: BUILT_IN.timeout,
    expectSilent: false,
  };
}

/** `tee/two-writes` for a recording `tee-two-writes` whose first tag is `tee`; `flags/apply-rerun` for `apply-rerun` of `flags`. */
export function idOf(name: string, tags: readonly string[]): string {
  const [suite = 'recorded'] = tags;
  return `${suite}/${name.startsWith(`${suite}-`) ? name.slice(suite.length + 1) : name}`;
}

// Chunks were an input only where the recording numbered its stamps.
function tokenOf(use: TokenKind, grouped: boolean): TokenRule {
  const isStamp = use === 'iso-local' || use === 'iso-utc';
  return isStamp && !grouped ? { use, groups: 'free' } : { use };
}

function environmentOf(env: Readonly<Record<string, string>>): EnvVariable[] {
  return Object.entries(env).map(([name, value]) => ({
    name,
    value: value.startsWith('hex:') ? Buffer.from(value.slice('hex:'.length), 'hex') : Buffer.from(value),
  }));
}

function entryOf({ path, type, target, mode, mtime, utf8, b64, generate }: RecordedEntry): FixtureEntry {
  const contents = utf8 === undefined ? (b64 === undefined ? generate : Buffer.from(b64, 'base64')) : Buffer.from(utf8);
  return {
    path,
    type,
    ...(mode === undefined ? {} : { mode }),
    ...(mtime === undefined ? {} : { mtime }),
    ...(target === undefined ? {} : { target }),
    ...(contents === undefined ? {} : { contents }),
  };
}
