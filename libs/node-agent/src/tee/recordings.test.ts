import { createHash } from 'node:crypto';
import { agentRecordings } from '@baton/testkit';
import { expect, test } from 'vitest';
import { createExpansion } from './expansion.ts';
import { createTransformation } from './transformation.ts';

// The recordings whose script gives each payload in one write: their logs hold nothing that depends on timing.
const recordings = agentRecordings();
const ONE_WRITE = /^dd if=(?<file>\S+) bs=1048576 count=1 status=none(?<redirect> >&2)?$/;

interface Entry {
  path: string;
  utf8?: string;
  b64?: string;
  generate?: { kind: string; unit?: string; format?: string; count: number; tail?: string };
}
interface Scenario {
  env: Record<string, string>;
  host_tree: Entry[];
}
interface Expected {
  files: { norm_path?: string; raw?: Entry; norm?: Entry; norm_sha256?: string }[];
}

const scenarios = Object.keys(recordings)
  .filter((name) => name.startsWith('tee-'))
  .map((name) => ({ name, scenario: parsed<Scenario>(name, 'scenario') }))
  .filter(({ scenario }) => script(scenario).some((line) => ONE_WRITE.test(line)));

test.each(scenarios)('$name', ({ name, scenario }) => {
  const limit = Number(scenario.env.SKYHOOK_AGENT_BUFFER_LIMIT ?? 8192);
  const stamp = (): string => '<TS>';
  const expansion = createExpansion();
  const tees = {
    out: createTransformation({ label: '[out]', limit, stamp, expansion }),
    err: createTransformation({ label: '[err]', limit, stamp, expansion }),
  };
  const logs: Record<'out' | 'err', Buffer[]> = { out: [], err: [] };
  for (const line of script(scenario)) {
    const { file, redirect } = ONE_WRITE.exec(line)?.groups ?? {};
    if (file === undefined) continue;
    const stream = redirect === undefined ? 'out' : 'err';
    const payload = scenario.host_tree.find(({ path }) => path === `/pkg/${file}`);
    tees[stream](contents(payload), (text) => logs[stream].push(Buffer.from(text)));
  }
  const { files } = parsed<Expected>(name, 'expected');
  for (const [stream, suffix] of [
    ['out', '-<LOGTS>.log'],
    ['err', '-<LOGTS>.log.err'],
  ] as const) {
    const log = files.find((entry) => entry.norm_path?.endsWith(`/a.sh${suffix}`));
    const bytes = Buffer.concat(logs[stream]);
    if (log?.norm_sha256 === undefined)
      expect(bytes.toString('base64')).toBe(contents(log?.norm ?? log?.raw).toString('base64'));
    else expect(createHash('sha256').update(bytes).digest('hex')).toBe(log.norm_sha256);
  }
});

test('most of the recordings of section 11 are held to', () => {
  expect(scenarios.length).toBe(19);
});

function parsed<T>(name: string, kind: 'scenario' | 'expected'): T {
  return JSON.parse(recordings[name]?.[`${kind}.json`] ?? '') as T;
}

function script(scenario: Scenario): string[] {
  return (scenario.host_tree.find(({ path }) => path === '/pkg/skyhook_dir/a.sh')?.utf8 ?? '').split('\n');
}

function contents(entry: Omit<Entry, 'path'> | undefined): Buffer {
  if (entry?.generate?.kind === 'repeat') {
    return Buffer.from((entry.generate.unit ?? '').repeat(entry.generate.count) + (entry.generate.tail ?? ''));
  }
  if (entry?.generate?.kind === 'numbered-lines') {
    const width = Number(/%0(\d+)d/.exec(entry.generate.format ?? '')?.[1]);
    const line = (n: number): string =>
      (entry.generate?.format ?? '').replace(/%0\d+d/, String(n).padStart(width, '0'));
    return Buffer.from(Array.from({ length: entry.generate.count }, (_, n) => line(n)).join(''));
  }
  if (entry?.b64 !== undefined) return Buffer.from(entry.b64, 'base64');
  return Buffer.from(entry?.utf8 ?? expect.fail('no such payload'));
}
