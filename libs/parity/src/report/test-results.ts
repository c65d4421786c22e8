import { DIVERGENCE_KINDS, type DivergenceKind } from '../model/scenario.ts';
import type { Divergence, HunkRow, ParityResult, ScenarioVerdict, TimelineEvent } from '../model/verdict.ts';

/** Texts that want to be something else than text. */
export const HOSTILE_TEXTS = [
  '</script><script>document.title = "owned"</script>',
  '"><img src=x onerror=alert(1)>',
  '</style></title></details><!--',
  ']]>',
  '::error file=x::owned',
  '```\n# owned\n````',
  '| a | b |',
  '\u001b[2J\u001b]0;owned\u0007',
  '\u0000\u0001\u0008\u007f\u0085\u2028',
  '\u202egnp.exe',
  '\ud800',
  '[link](javascript:alert(1)) https://example.org @someone',
];

/** A verdict; equal unless told otherwise. */
export function verdict(scenario: string, rest: Partial<ScenarioVerdict> = {}): ScenarioVerdict {
  const states = new Map<string, 'equal' | 'diverged'>(
    ['run1/stdout', 'run1/stderr', 'run1/exit', 'host:/'].map((channel) => [channel, 'equal']),
  );
  for (const { channel } of rest.divergences ?? []) states.set(channel, 'diverged');
  return {
    scenario,
    why: `what ${scenario} holds the subject to`,
    state: (rest.divergences ?? []).length > 0 ? 'diverged' : 'equal',
    divergences: [],
    declared: [],
    refusals: [],
    ledger: [{ kind: 'iso-local', channel: 'run1/stdout', hits: 3, bytes: 78 }],
    channels: [...states].map(([channel, state]) => ({ channel, state })),
    timeline: timeline(0),
    seconds: 0.5,
    cached: false,
    ...rest,
  };
}

/** A result with these verdicts. */
export function result(scenarios: readonly ScenarioVerdict[], rest: Partial<ParityResult> = {}): ParityResult {
  return {
    version: 1,
    project: 'agent',
    old: {
      kind: 'golden',
      name: 'apps/agent/parity/goldens',
      digest: `sha256:${'a1'.repeat(32)}`,
      facts: { recorded: 'CPython 3.13.1', 'accepted from NEW': '0' },
    },
    new: {
      kind: 'container',
      name: 'node-agent',
      digest: `sha256:${'b2'.repeat(32)}`,
      facts: { program: '/usr/local/bin/node /app/main.cjs', platform: 'linux/amd64' },
    },
    tier: 'T2',
    scenarios,
    noise: false,
    faults: [],
    selfTest: { mutations: 8, caught: 8 },
    exitCode: scenarios.some(({ state }) => state === 'diverged') ? 1 : 0,
    seconds: 61.25,
    ...rest,
  };
}

/** What happened in a run of both sides, `lag` seconds later in NEW. */
export function timeline(lag: number, end = 'exit 0'): TimelineEvent[] {
  return (['old', 'new'] as const).flatMap((side) => {
    const at = (seconds: number): number => seconds + (side === 'new' ? lag : 0);
    return [
      { run: 1, side, kind: 'begin', seconds: 0, text: 'apply /t/root /pkg' },
      { run: 1, side, kind: 'chunk', seconds: at(0.12), text: '13 bytes to stdout' },
      { run: 1, side, kind: 'chunk', seconds: at(0.31), text: '2 bytes to stdout' },
      { run: 1, side, kind: 'file', seconds: at(0.35), text: '/etc/skyhook/flags/hello.sh' },
      { run: 1, side, kind: 'signal', seconds: at(0.4), text: 'TERM to the subject' },
      { run: 1, side, kind: 'end', seconds: at(0.62), text: end },
    ] satisfies TimelineEvent[];
  });
}

/** The usual case: OLD writes two replacement characters for a split character, NEW one; tokens in the lines around. */
export function splitCharacter(channel = 'run1/stdout'): Divergence {
  const line = (text: string, seconds: string): Buffer => Buffer.from(`[out]2026-05-02T21:51:${seconds} ${text}`);
  const rows: HunkRow[] = [
    { kind: 'same', old: line('begin\n', '23.456789'), new: line('begin\n', '24.000001') },
    {
      kind: 'same',
      old: line('tab\there, trailing  \r\n', '23.456789'),
      new: line('tab\there, trailing  \r\n', '24.000001'),
    },
    {
      kind: 'old',
      old: Buffer.concat([line('price \ufffd\ufffd, raw ', '23.5'), Buffer.from([0xc3, 0x28, 0x00, 0x1b, 0x0a])]),
    },
    {
      kind: 'new',
      new: Buffer.concat([line('price \ufffd, raw ', '24.5'), Buffer.from([0xc3, 0x28, 0x00, 0x1b, 0x0a])]),
    },
    { kind: 'same', old: Buffer.from('end without newline'), new: Buffer.from('end without newline') },
  ];
  const lead = rows.slice(0, 2).reduce((sum, row) => sum + (row.old?.length ?? 0), 0);
  const old = rows[2]?.old ?? Buffer.alloc(0);
  const now = rows[3]?.new ?? Buffer.alloc(0);
  const oldAt = old.indexOf('\ufffd') + 3;
  const newAt = now.indexOf('\ufffd') + 3;
  return {
    channel,
    kind: 'bytes',
    message: 'OLD has ef bf bd where NEW has 2c 20 72, in line 7',
    explain: 'NEW merged 2 replacement characters into 1: run-collapsing UTF-8 replacement',
    old: { offset: 1000 + lead + oldAt, line: 7, column: oldAt + 1 },
    new: { offset: 1000 + lead + newAt, line: 7, column: newAt + 1 },
    hunk: { oldStart: 5, newStart: 5, rows },
    bytes: 3,
  };
}

/** A divergence with no bytes to show. */
export function plain(kind: DivergenceKind, channel: string, message = `${kind} differs`): Divergence {
  return { channel, kind, message, bytes: 0 };
}

/** NEW lacks the end. */
export function missingTail(): Divergence {
  const rows: HunkRow[] = [
    { kind: 'same', old: Buffer.from('one\n'), new: Buffer.from('one\n') },
    { kind: 'old', old: Buffer.from('[out]2026-05-02T21:51:23.456789 ') },
  ];
  return {
    channel: 'run1/stdout',
    kind: 'missing-tail',
    message: 'NEW ends at byte 4, where OLD has 32 more bytes',
    explain: 'NEW lacks the dangling prefix at the end of a stream',
    old: { offset: 4, line: 2, column: 1 },
    new: { offset: 4, line: 2, column: 1 },
    hunk: { oldStart: 1, newStart: 1, rows },
    bytes: 32,
  };
}

/** A small result with each state, many kinds and refusals. */
export function mixedResult(): ParityResult {
  const declaration = {
    channel: 'run1/stderr',
    kind: 'crash' as const,
    reason: 'interpreter traceback, issue 217',
    until: '2026-12-31',
    maxBytes: 4096,
  };
  return result(
    [
      verdict('banner/all-env-set'),
      verdict('banner/no-env', { cached: true }),
      verdict('rc/exit-1', {
        state: 'declared',
        declared: [
          { declaration, divergences: [plain('crash', 'run1/stderr', 'OLD has a Python traceback, NEW a message')] },
        ],
      }),
      verdict('rc/exit-2', {
        divergences: [plain('exit', 'run1/exit', 'OLD ended with exit code 1, NEW with exit code 2')],
        timeline: timeline(0.1, 'exit 2'),
      }),
      verdict('stream/missing-tail', { divergences: [missingTail()] }),
      verdict('stream/split-euro', {
        divergences: [
          splitCharacter(),
          plain(
            'mode',
            'host:/etc/skyhook/flags/hello.sh',
            '/etc/skyhook/flags/hello.sh has mode 0644 in OLD and 0600 in NEW',
          ),
          plain('extra-file', 'host:/var/log/skyhook/x.log', 'NEW has /var/log/skyhook/x.log, OLD has not'),
        ],
        timeline: timeline(0.2),
      }),
      verdict('stream/split-two', { divergences: [splitCharacter('run1/stderr')] }),
      verdict('stream/stale', {
        state: 'diverged',
        refusals: [{ code: 'DIVERGENCE_UNUSED', message: 'a declared divergence was not found', hint: 'Take it out.' }],
      }),
      verdict('zz/noisy', {
        state: 'undetermined',
        code: 'PARITY_TIMEOUT',
        reason: 'NEW did not end within 30 s',
        channels: [],
      }),
      verdict('zz/skipped', { state: 'not-run', reason: 'needs a kernel with user namespaces', channels: [] }),
    ],
    { exitCode: 1 },
  );
}

/** A result of `count` scenarios, every fifth of which diverges. */
export function largeResult(count = 174): ParityResult {
  const suites = ['apply', 'config', 'history', 'interrupt', 'rc', 'stream'];
  const scenarios = Array.from({ length: count }, (_, i) => {
    const id = `${suites[Math.floor((i * suites.length) / count)]}/scenario-${String(i).padStart(4, '0')}`;
    if (i % 5 !== 0) return verdict(id);
    if (i % 10 === 0) return verdict(id, { divergences: [splitCharacter()] });
    const kind = DIVERGENCE_KINDS[i % DIVERGENCE_KINDS.length] ?? 'bytes';
    return verdict(id, { divergences: [plain(kind, i % 3 === 0 ? 'host:/etc/skyhook/flags/x' : 'run1/exit')] });
  });
  return result(scenarios);
}

/** A result in which every text that came from outside is `text`, and every byte too. */
export function hostileResult(text: string): ParityResult {
  const bytes = Buffer.from(text);
  const divergence: Divergence = {
    channel: `host:/${text}`,
    kind: 'bytes',
    message: text,
    explain: text,
    old: { offset: 0, line: 1, column: 1 },
    new: { offset: 0, line: 1, column: 1 },
    hunk: {
      oldStart: 1,
      newStart: 1,
      rows: [
        { kind: 'old', old: bytes },
        { kind: 'new', new: Buffer.concat([bytes, bytes]) },
      ],
    },
    bytes: bytes.length,
  };
  const event: TimelineEvent = { run: 1, side: 'new', kind: 'chunk', seconds: 1, text };
  const declaration = { channel: text, reason: text, until: text, maxBytes: 1 };
  const who = { kind: 'process' as const, name: text, digest: text, facts: { [text]: text } };
  const base = result([
    verdict(`a/${text}`, {
      why: text,
      divergences: [divergence, divergence],
      refusals: [{ code: text, message: text, hint: text }],
      ledger: [{ kind: 'pattern', name: text, channel: text, hits: 1, bytes: 1 }],
      timeline: [event],
    }),
    verdict(`b/${text}`, { state: 'declared', declared: [{ declaration, divergences: [divergence] }] }),
    verdict(`c/${text}`, { state: 'undetermined', code: text, reason: text }),
    verdict(`d/${text}`, { state: 'not-run', reason: text }),
  ]);
  return {
    ...base,
    project: text,
    old: who,
    new: who,
    faults: [{ code: text, message: text, hint: text }],
    selection: { of: 9, by: text },
    exitCode: 3,
  };
}
