import { runProcess, toolEnv } from '@baton/kernel';
import { needs, pythonProgram } from '@baton/testkit';
import { describe, expect, test } from 'vitest';
import { DIVERGENCE_KINDS } from '../model/scenario.ts';
import { reportAnnotations } from './report-annotations.ts';
import { reportJunit } from './report-junit.ts';
import { reportSummary } from './report-summary.ts';
import {
  HOSTILE_TEXTS,
  hostileResult,
  largeResult,
  mixedResult,
  plain,
  result,
  splitCharacter,
  verdict,
} from './test-results.ts';

describe('JUnit', () => {
  test('a suite is a folder, a case a scenario, and each state has its outcome', () => {
    const xml = reportJunit(mixedResult());
    expect(xml).toContain(
      '<testsuites name="parity agent" tests="10" failures="5" errors="1" skipped="1" time="5.000">',
    );
    expect(xml).toContain('<testsuite name="stream" tests="4" failures="4" errors="0" skipped="0" time="2.000">');
    expect(xml).toContain('<testcase classname="banner" name="banner/all-env-set" time="0.500"/>');
    expect(xml).toContain(
      '<failure type="exit" message="run1/exit: OLD ended with exit code 1, NEW with exit code 2">',
    );
    expect(xml).toContain('<failure type="DIVERGENCE_UNUSED" message="a declared divergence was not found">');
    expect(xml).toContain('<error type="PARITY_TIMEOUT" message="NEW did not end within 30 s">');
    expect(xml).toContain('<skipped message="needs a kernel with user namespaces"/>');
    expect(xml).toContain(
      '<system-out>declared divergence in run1/stderr until 2026-12-31: interpreter traceback, issue 217 (1 found)</system-out>',
    );
  });

  test('what was not run without a reason is an error, and so is nothing at all', () => {
    expect(reportJunit(result([verdict('a/b', { state: 'not-run' })]))).toContain(
      '<error type="not-run" message="No reason was given.">',
    );
    expect(reportJunit(result([], { exitCode: 3 }))).toContain(
      '<error type="PARITY_EMPTY" message="No scenario was run, so nothing is proved."/>',
    );
  });

  test('a fault of the run as a whole is red', () => {
    const faults = [{ code: 'SELF_TEST_FAILED', message: 'a planted difference was overlooked' }];
    expect(reportJunit(result([verdict('a/b')], { faults, exitCode: 3 }))).toContain(
      'tests="2" failures="0" errors="1"',
    );
  });
});

needs('python')(
  'a parser reads every JUnit file, whatever the bytes',
  async () => {
    const READ = `import json, sys, xml.etree.ElementTree as tree
json.dump([len(tree.fromstring(text.encode()).findall(".//testcase")) for text in json.load(sys.stdin)], sys.stdout)`;
    const files = [mixedResult(), largeResult(), ...HOSTILE_TEXTS.map(hostileResult)].map(reportJunit);
    const stdin = Buffer.from(JSON.stringify(files));
    const ran = await runProcess({ command: pythonProgram(), args: ['-I', '-c', READ], env: toolEnv(), stdin });
    expect(ran.stderr.toString()).toBe('');
    expect(JSON.parse(ran.stdout.toString())).toEqual([10, 174, ...HOSTILE_TEXTS.map(() => 5)]);
  },
  60_000,
);

describe('job summary', () => {
  test('has a table of suites, shared causes and divergences in fences', () => {
    const text = reportSummary(mixedResult());
    expect(text).toMatch(/^## ✗ Parity of agent: Diverged\n/);
    expect(text).toContain(
      '| Suite | equal | declared | diverged | undetermined | not run |\n| :-- | --: | --: | --: | --: | --: |\n| ✓ banner | 2 | 0 | 0 | 0 | 0 |\n',
    );
    expect(text).toContain('| NEW merged 2 replacement characters into 1\\: run-collapsing UTF-8 replacement | 2 |');
    expect(text).toContain('### ✗ stream/split-euro: diverged\n');
    expect(text).toContain('```text\nexit: run1/exit: OLD ended with exit code 1, NEW with exit code 2\n```');
  });

  test('shows at most twenty and stays below its limit, and says what is missing', () => {
    const large = reportSummary(largeResult());
    expect(large.match(/^### ✗ /gm)).toHaveLength(20);
    expect(large).toContain('15 more parts of this result');
    const small = reportSummary(largeResult(), { limit: 8_000 });
    expect(Buffer.byteLength(small)).toBeLessThan(8_000);
    expect(small).toMatch(/more parts of this result: see `report.html`/);
    const huge = verdict('a/b', { divergences: [plain('bytes', 'run1/stdout', 'x'.repeat(2_000_000))] });
    expect(Buffer.byteLength(reportSummary(result([huge])))).toBeLessThan(1024 * 1024);
  });

  test('no text closes its fence or makes markup', () => {
    for (const text of HOSTILE_TEXTS) {
      const made = reportSummary(hostileResult(text));
      let fence = '';
      const outside = made.split('\n').filter((line) => {
        const own = /^`{3,}/.exec(line)?.[0] ?? '';
        if (fence === '' && own !== '') fence = own;
        else if (fence !== '' && line === fence) fence = '';
        else return fence === '';
        return false;
      });
      expect(fence).toBe('');
      expect(outside.join('\n').replaceAll('<br>', '')).not.toMatch(/<|^::|(?<!\\)\]\(/m);
      expect(made).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
    }
  });
});

describe('annotations', () => {
  const fileOf = (scenario: string) => ({ file: `parity/${scenario}.yaml` });

  test('point at the scenario, and say what and why', () => {
    const lines = reportAnnotations(mixedResult(), fileOf).trimEnd().split('\n');
    expect(lines).toHaveLength(7);
    expect(lines[0]).toBe(
      '::error file=parity/rc/exit-2.yaml,line=1,title=rc/exit-2%3A diverged::run1/exit: OLD ended with exit code 1, NEW with exit code 2',
    );
    expect(lines[5]).toMatch(/^::warning file=parity\/zz\/noisy.yaml,line=1,title=zz\/noisy%3A undetermined::/);
  });

  test('each cause comes before a second scenario with the same one, at most ten of a type', () => {
    const same = Array.from({ length: 12 }, (_, i) => verdict(`a/${i}`, { divergences: [splitCharacter()] }));
    const other = verdict('z/other', { divergences: [plain('exit', 'run1/exit', 'another cause')] });
    const lines = reportAnnotations(result([...same, other]), () => undefined)
      .trimEnd()
      .split('\n');
    expect(lines).toHaveLength(10);
    expect(lines[1]).toContain('another cause');
    expect(lines[9]).toBe('::error title=4 more::4 more of this kind: see the job summary');
  });

  test('nothing is said when all is well, and no text is a command', () => {
    expect(reportAnnotations(result([verdict('a/b')]), fileOf)).toBe('');
    for (const text of HOSTILE_TEXTS) {
      const made = reportAnnotations(hostileResult(text), () => ({ file: text }));
      for (const line of made.trimEnd().split('\n'))
        expect(line).toMatch(/^::(error|warning) (file=[^,:]*,line=\d+,)?title=[^,:]*::/);
    }
  });

  test('every kind of divergence is reported everywhere', () => {
    const all = result(
      DIVERGENCE_KINDS.map((kind) => verdict(`k/${kind}`, { divergences: [plain(kind, 'run1/stdout')] })),
    );
    for (const kind of DIVERGENCE_KINDS) expect(reportJunit(all)).toContain(`<failure type="${kind}"`);
  });
});
