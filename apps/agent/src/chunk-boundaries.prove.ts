import { createHash } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { Observation, Scenario } from '@baton/parity';
import { isShortProof, needs, temporaryDirectory } from '@baton/testkit';
import { expect } from 'vitest';
import { bundledAgent } from './test-bundle.ts';
import { bundleSubject } from './test-planted-subject.ts';

/** Thirteen pieces: split characters, line ends apart from their lines, both streams, more than one limit. */
const PIECES: readonly [1 | 2, string][] = [
  [1, 'hi\n'],
  [1, '\xe2\x82'],
  [1, '\xac\n'],
  [2, '\xf0\x9f'],
  [1, 'a\r'],
  [1, '\n'],
  [2, '\x98\x80\n'],
  [1, '\xef\xbb\xbfb'],
  [1, 'x'.repeat(10_002)],
  [2, 'err'],
  [1, '\n\n'],
  [1, '\xc3'],
  [1, '\xa9'],
];

function scenario(idle: boolean): Scenario {
  const step = {
    name: 's',
    path: 's.sh',
    arguments: [],
    returncodes: [0],
    on_host: true,
    idempotence: false,
    upgrade_step: false,
  };
  const check = { ...step, path: 's_check.sh' };
  const config = {
    schema_version: 'v1',
    package_name: 'demo',
    package_version: '1.2.3',
    expected_config_files: [],
    modes: { apply: [step], 'apply-check': [check] },
  };
  const variables = { PATH: '/bin', TZ: 'UTC', COPY_RESOLV: 'false', SKYHOOK_RESOURCE_ID: 'cr_demo_1.2.3' };
  return {
    id: 'tee/thirteen-pieces',
    why: 'Chunk boundaries are an input of a scenario.',
    tags: [],
    env: Object.entries(variables).map(([name, value]) => ({ name, value: Buffer.from(value) })),
    cwd: '/',
    umask: '0022',
    root: { mount: '/t/root', base: 'busybox', remove: [] },
    host: [
      { path: '/pkg/config.json', type: 'file', contents: Buffer.from(JSON.stringify(config)) },
      { path: '/pkg/skyhook_dir/s_check.sh', type: 'file', mode: '0755', contents: Buffer.from('#!/bin/sh\n') },
    ],
    container: [],
    feeders: [
      {
        path: '/pkg/skyhook_dir/s.sh',
        mode: '0755',
        steps: PIECES.flatMap(([fd, text]) => [
          { kind: 'write' as const, fd, bytes: Buffer.from(text, 'latin1') },
          ...(idle ? [{ kind: 'idle' as const }] : []),
        ]),
      },
    ],
    runs: [{ argv: ['apply', '{root}', '/pkg'].map((word) => Buffer.from(word)), env: [], before: [], actions: [] }],
    clock: { kind: 'frozen', time: '2026-01-02 03:04:05.678901' },
    streams: 'merged',
    observe: { host: true, container: true, modes: true, leftovers: 'none' },
    tokens: [],
    crash: 'strict',
    diverge: [],
    timing: 'shared',
    timeout: 60,
    expectSilent: false,
  };
}

function outputOf({ runs, host }: Observation): string {
  const [run] = runs;
  expect(run?.end).toEqual({ kind: 'exit', code: 0 });
  const hash = createHash('sha256');
  for (const content of [run?.merged, ...host.rows.map(({ contents }) => contents)]) {
    hash.update(content?.kind === 'bytes' ? content.bytes : Buffer.alloc(0)).update('\0');
  }
  return hash.digest('hex');
}

/** Three busy threads while `work` runs. */
async function underLoad<T>(work: () => Promise<T>): Promise<T> {
  const hogs = Array.from({ length: 3 }, () => new Worker('for (;;);', { eval: true }));
  try {
    return await work();
  } finally {
    for (const hog of hogs) await hog.terminate();
  }
}

needs('root')(
  'thirteen pieces give one output, both streams in one, idle and under load',
  async () => {
    const subject = await bundleSubject(await bundledAgent());
    const place = temporaryDirectory('chunks');
    let number = 0;
    const distinct = async (count: number, idle: boolean): Promise<number> => {
      const seen = new Set<string>();
      for (let i = 0; i < count; i += 5) {
        const runs = Array.from({ length: Math.min(5, count - i) }, async () => {
          const directory = join(place, String(number++));
          mkdirSync(directory);
          seen.add(outputOf(await subject.observe(scenario(idle), { directory })));
        });
        await Promise.all(runs);
      }
      return seen.size;
    };
    const count = isShortProof() ? 5 : 30;
    try {
      expect(await distinct(count, true)).toBe(1);
      expect(await underLoad(() => distinct(count, true))).toBe(1);
      // Without waiting it is a toss-up: what this proof would look like if waiting did nothing.
      const uncontrolled = await underLoad(() => distinct(count, false));
      console.log(`without waiting: ${uncontrolled} different outputs in ${count} runs`);
    } finally {
      await subject.close();
    }
  },
  20 * 60_000,
);
