import { describe, expect, it } from 'vitest';
import { parseAgentManifest } from './load.ts';
import { problems } from './test-problems.ts';

const parity = (text: string): string => `version: 1\nname: a\nparity:${text === '' ? ' {}' : `\n${text}`}\n`;

describe('the section parity', () => {
  it('has defaults for everything', () => {
    expect(parseAgentManifest(Buffer.from(parity('')), 'agent.yaml').parity).toEqual({
      scenarios: 'parity/scenarios',
      goldens: 'parity/goldens',
      old: { goldens: true },
      new: { image: 'dist/image' },
      maxSkips: 0,
    });
    expect(parseAgentManifest(Buffer.from('version: 1\nname: a\n'), 'agent.yaml').parity).toBeUndefined();
  });

  it('takes a program with what its root holds', () => {
    const text =
      '  old: { command: [/usr/bin/python3, /app/agent.py], mounts: [{ from: src, to: /app }, { from: /usr, to: /usr }] }\n  new: { image: ghcr.io/acme/a@sha256:00, driver: engine }\n  clock: AGENT_CLOCK\n  maxSkips: 2\n  concurrency: 4';
    expect(parseAgentManifest(Buffer.from(parity(text)), 'agent.yaml').parity).toMatchObject({
      old: { command: ['/usr/bin/python3', '/app/agent.py'], mounts: [{ from: 'src', to: '/app' }, { from: '/usr' }] },
      new: { image: 'ghcr.io/acme/a@sha256:00', driver: 'engine' },
      clock: 'AGENT_CLOCK',
      maxSkips: 2,
      concurrency: 4,
    });
  });

  it.each([
    [
      '  golden: x',
      [
        expect.stringMatching(
          /^4:3 parity: unknown key "golden", did you mean "goldens"\? \| Known keys of parity: scenarios, goldens, old, new, /,
        ),
      ],
    ],
    [
      '  old: {}\n  new: { image: x, command: [y] }',
      [
        '4:8 parity.old: expected exactly one of goldens, image and command, found an empty mapping | There is none.',
        '5:8 parity.new: expected exactly one of goldens, image and command, found a mapping | There is image and command.',
      ],
    ],
    [
      '  new: { goldens: true }',
      ['4:8 parity.new: expected image or command: goldens are what OLD did, found a mapping'],
    ],
    [
      '  new: { image: x, mounts: [] }\n  old: { command: [x], driver: chroot }',
      [
        '4:28 parity.new.mounts: expected mounts beside command only, found an empty list',
        '5:32 parity.old.driver: expected driver beside image only, found "chroot"',
      ],
    ],
    [
      '  old: { command: [x], mounts: [{ from: a, to: b }] }\n  maxSkips: -1',
      [
        '4:48 parity.old.mounts[0].to: expected an absolute path in the image, like /app, found "b" | Write /b.',
        '5:13 parity.maxSkips: expected a number of at least 0, found the number -1',
      ],
    ],
  ])('%j', (text, expected) => {
    expect(problems(parity(text))).toEqual(expected);
  });
});
