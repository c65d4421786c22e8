import type { EnvVariable, Feeder, FixtureEntry, Scenario, ScenarioRun, TokenRule } from '../model/scenario.ts';
import type { PackageDraw, Remain, StepDraw } from './package-draw.ts';

/** Who a generated scenario is. */
export interface ScenarioName {
  id: string;
  why: string;
  tags: readonly string[];
}

const NAME = 'demo';
const VERSION = '1.2.3';
const APPLY_MODES: ReadonlySet<string> = new Set(['apply', 'config', 'upgrade', 'post-interrupt', 'uninstall']);
const FLAGS = '/etc/skyhook/flags';
const LOGS = `/var/log/skyhook/${NAME}/${VERSION}`;
const ENVIRONMENT: readonly (readonly [string, string])[] = [
  ['PATH', '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'],
  ['LANG', 'C.UTF-8'],
  ['TZ', 'UTC'],
  ['HOME', '/'],
  ['COPY_RESOLV', 'false'],
  ['SKYHOOK_RESOURCE_ID', `cr-0001_${NAME}_${VERSION}`],
];

/** The scenario that a drawn package is: steps are feeders, which hand over each piece whole and wait for the agent to be idle. */
export function packageScenario(drawn: PackageDraw, { id, why, tags }: ScenarioName): Scenario {
  const draw = drawn.action === undefined ? drawn : { ...drawn, ...calm(drawn) };
  const settings = Object.entries(draw.settings).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value] as const],
  );
  return {
    id,
    why,
    tags,
    env: [...ENVIRONMENT, ...settings].map(([name, value]): EnvVariable => ({ name, value: Buffer.from(value) })),
    cwd: '/',
    umask: draw.umask,
    root: { mount: '/t/root', base: 'busybox', remove: [] },
    host: [configFile(draw), ...idleScripts(draw), ...stateOf(draw)],
    container: [],
    feeders: kindsRun(draw).flatMap((kind) =>
      draw.steps.map((step, i): Feeder => ({ path: scriptPath(i, kind), mode: step.mode, steps: step.feed })),
    ),
    runs: draw.modes.map((mode, i) => runOf(draw, mode, i)),
    clock: draw.clock === undefined ? { kind: 'real' } : { kind: 'frozen', time: draw.clock },
    streams: draw.streams,
    observe: { host: true, container: true, modes: true, leftovers: 'none' },
    tokens: tokensOf(draw),
    crash: 'strict',
    diverge: [],
    timing: 'shared',
    timeout: 60,
    expectSilent: false,
  };
}

/** What a step is done by, and what is done to check it. */
type Kind = 'step' | 'check';

function stepPath(index: number, kind: Kind): string {
  return `s${index + 1}${kind === 'check' ? '_check' : ''}.sh`;
}

function scriptPath(index: number, kind: Kind): string {
  return `/pkg/skyhook_dir/${stepPath(index, kind)}`;
}

/** Which of the two the runs come to. */
function kindsRun({ modes }: PackageDraw): Kind[] {
  const kinds = modes.map((mode): Kind => (mode.endsWith('-check') ? 'check' : 'step'));
  return [...new Set(kinds)];
}

/** The other kind must be there as well, and is never started. */
function idleScripts(draw: PackageDraw): FixtureEntry[] {
  const run = kindsRun(draw);
  const idle = (['step', 'check'] as const).filter((kind) => !run.includes(kind));
  return idle.flatMap((kind) => draw.steps.map((_, i) => file(scriptPath(i, kind), '#!/bin/sh\n', '0755')));
}

/** A signal comes in the first step's pause: so there must be one. */
function calm(draw: PackageDraw): Pick<PackageDraw, 'modes' | 'settings' | 'steps' | 'remains' | 'history'> {
  return {
    modes: draw.modes.map((mode) => (APPLY_MODES.has(mode) && mode !== 'upgrade' ? mode : 'config')),
    settings: { ...draw.settings, SKYHOOK_AGENT_BUFFER_LIMIT: undefined },
    steps: draw.steps.map((step, i) =>
      i > 0 ? { ...step, upgrade: false } : { ...step, upgrade: false, arguments: [], flagged: false },
    ),
    remains: draw.remains.filter((remain) => remain !== 'start is a directory'),
    history: undefined,
  };
}

function runOf({ action }: PackageDraw, mode: string, index: number): ScenarioRun {
  const argv = [mode, '{root}', '/pkg'].map((word) => Buffer.from(word));
  const actions = action === undefined || index > 0 ? [] : [{ waitFor: `${FLAGS}/START`, ...action }];
  return { argv, env: [], before: [], actions };
}

function configFile({ modes, steps }: PackageDraw): FixtureEntry {
  const listed = (base: string, kind: Kind) =>
    steps.map((step, i) => ({
      name: stepPath(i, kind),
      path: stepPath(i, kind),
      arguments: step.arguments,
      returncodes: step.returncodes,
      on_host: true,
      idempotence: step.idempotence,
      upgrade_step: base === 'upgrade' && step.upgrade,
      env: step.env,
    }));
  const bases = new Set(
    modes.map((mode) => mode.replace(/-check$/, '')).map((mode) => (APPLY_MODES.has(mode) ? mode : 'apply')),
  );
  const config = {
    schema_version: 'v1',
    root_dir: '/',
    package_name: NAME,
    package_version: VERSION,
    expected_config_files: [],
    modes: Object.fromEntries(
      [...bases].flatMap((base) => [
        [base, listed(base, 'step')],
        [`${base}-check`, listed(base, 'check')],
      ]),
    ),
  };
  return file('/pkg/config.json', JSON.stringify(config, null, 1));
}

function stateOf({ steps, history, remains }: PackageDraw): FixtureEntry[] {
  const flags = steps.flatMap((step, i) => flagOf(step, i));
  return [
    // A link comes before what lies behind it.
    ...[...remains].sort((a, b) => Number(b === 'linked flags') - Number(a === 'linked flags')).flatMap(remainsOf),
    ...flags,
    ...(history === undefined ? [] : [file(`/etc/skyhook/history/${NAME}.json`, history, '0600')]),
  ];
}

/** The flag that says that a step was done; none where its name would need Python's way to quote. */
function flagOf({ flagged, arguments: words, returncodes }: StepDraw, index: number): FixtureEntry[] {
  if (!flagged || words.some((word) => !/^[ -~]*$/.test(word) || /['\\]/.test(word))) return [];
  const list = (items: readonly string[]): string => `[${items.join(', ')}]`;
  const text = `${list(words.map((word) => `'${word}'`))}_${list(returncodes.map(String))}`;
  const marker = Buffer.from(text).toString('base64');
  return [
    file(
      `${FLAGS}/${NAME}/${VERSION}/${stepPath(index, 'step')}_${marker}`,
      'last_run: 2025-11-05T10:00:00.123456\nstep_always_runs: False',
    ),
  ];
}

function remainsOf(remain: Remain): FixtureEntry[] {
  switch (remain) {
    case 'old logs':
      return [1, 2, 3, 4, 5, 6].map((day) => ({
        ...file(`${LOGS}/s1.sh-2025-01-0${day}-000000.log`, `log ${day}\n`),
        mtime: 1_735_689_600 + day * 86_400,
      }));
    case 'check results':
      return [file(`${FLAGS}/check_results`, 'old.sh True')];
    case 'all checked':
      return [file(`${FLAGS}/apply-check_ALL_CHECKED`, 'x', '0400')];
    case 'linked flags':
      return [
        { path: '/data/flags', type: 'dir', mode: '0750' },
        { path: FLAGS, type: 'symlink', target: '../../data/flags' },
      ];
    case 'closed log directory':
      return [{ path: '/var/log/skyhook', type: 'dir', mode: '0500' }];
    case 'start is a directory':
      return [{ path: `${FLAGS}/START`, type: 'dir' }];
  }
}

function file(path: string, contents: string, mode: string = '0644'): FixtureEntry {
  return { path, type: 'file', mode, contents: Buffer.from(contents) };
}

/**
 * Equal stamps stand for one chunk as long as each piece is one: then OLD and NEW group them alike. Where the limit cuts a
 * piece, several chunks may come within a microsecond, or not.
 */
function tokensOf({ steps, settings }: PackageDraw): TokenRule[] {
  const limit = Number(settings.SKYHOOK_AGENT_BUFFER_LIMIT?.replace('_', '') ?? '8192');
  const isOwned = steps.every(({ feed }) => feed.every((step) => step.kind !== 'write' || step.bytes.length <= limit));
  return [
    { use: 'iso-local', groups: isOwned ? 'equal' : 'free' },
    { use: 'iso-utc' },
    { use: 'log-stamp' },
    { use: 'root-prefix' },
  ];
}
