import { spawnSync } from 'node:child_process';
import { openSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { needs, pythonProgram, temporaryDirectory } from '@baton/testkit';
import { expect, test } from 'vitest';
import { listEnvironment, parseEnvironment } from './env-listing.ts';
import { loadPosix } from './posix-koffi.ts';

const ODD = 'A=1\r\nB=2\rC=3\n\nno equals\r\r\nD=a=b\n=x\nA=4\u2028E=5\u0085F=6\x0bG=7\x0cH=8\x1cI=9\nlast=line';

test('lines end with LF, CR LF or CR, and nothing else (T23)', () => {
  expect([...parseEnvironment(ODD)]).toEqual([
    ['A', '4\u2028E=5\u0085F=6\x0bG=7\x0cH=8\x1cI=9'],
    ['B', '2'],
    ['C', '3'],
    ['D', 'a=b'],
    ['', 'x'],
    ['last', 'line'],
  ]);
});

needs('python')('as text that CPython reads from a process', () => {
  const script = `
import json, subprocess, sys
text = subprocess.run(["cat"], input=sys.argv[1], stdout=subprocess.PIPE, text=True).stdout
print(json.dumps(list({l.split("=", 1)[0]: l.split("=", 1)[1] for l in text.split("\\n") if "=" in l}.items())))
`;
  const env = { LANG: 'C.UTF-8', PATH: '/bin:/usr/bin' };
  const { stdout } = spawnSync(pythonProgram(), ['-c', script, ODD], { encoding: 'utf8', env });
  expect([...parseEnvironment(ODD)]).toEqual(JSON.parse(stdout));
});

test('a megabyte of variables and a talkative standard error', () => {
  const directory = temporaryDirectory('env');
  const script = '#!/bin/sh\nyes noise | head -c 1000000 >&2\nseq 1 100000 | sed s/^/N=/\necho LAST=1\n';
  writeFileSync(join(directory, 'env'), script, { mode: 0o755 });
  const env = new Map([['PATH', `${directory}:/bin:/usr/bin`]]);
  const variables = listEnvironment(loadPosix(import.meta.filename), { env, sink: openSync('/dev/null', 'w') });
  expect([...variables]).toEqual([
    ['N', '100000'],
    ['LAST', '1'],
  ]);
});
