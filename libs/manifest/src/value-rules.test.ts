import { describe, expect, it } from 'vitest';
import { type TextRule, textField } from './text-field.ts';
import { ENV_NAME, LABEL_KEY, MODE, NAME, OWNER, PLATFORM, USER } from './value-rules.ts';

function refusal(rule: TextRule, text: string): string | undefined {
  const issue = textField(rule).safeParse(text).error?.issues[0];
  if (issue === undefined) return undefined;
  const { hint } = (issue as { params?: { hint?: string } }).params ?? {};
  return hint ?? issue.message;
}

const CASES: [string, TextRule, string[], [string, string][]][] = [
  [
    'NAME',
    NAME,
    ['a', 'node-agent', '0', 'a.b_c-d', 'x'.repeat(100)],
    [
      ['', NAME.expected],
      ['-a', NAME.expected],
      ['a-', NAME.expected],
      ['a/b', NAME.expected],
      ['a\n', NAME.expected],
      ['Agent', 'Write agent.'],
      ['x'.repeat(101), 'a name of at most 100 characters'],
    ],
  ],
  [
    'PLATFORM',
    PLATFORM,
    ['linux/amd64', 'linux/arm/v7', 'linux/arm64/v8', 'windows/amd64'],
    [
      ['linux', PLATFORM.expected],
      ['', PLATFORM.expected],
      ['linux/amd64/v1/x', PLATFORM.expected],
      ['linux/x86_64', 'Write linux/amd64.'],
      ['linux/aarch64', 'Write linux/arm64.'],
      ['Linux/AMD64', 'Write linux/amd64.'],
      ['amd64', 'Write linux/amd64.'],
      ['x64', 'Write linux/amd64.'],
    ],
  ],
  [
    'USER',
    USER,
    ['0', '0:0', '1000:1000', 'node', 'node:node', '0:wheel', '_svc', 'a.b', '4294967294'],
    [
      ['', USER.expected],
      ['0:', USER.expected],
      [':0', USER.expected],
      ['0:0:0', USER.expected],
      ['No One', USER.expected],
      ['-1', USER.expected],
      ['4294967295', 'user and group numbers of at most 4294967294'],
    ],
  ],
  [
    'OWNER',
    OWNER,
    ['0:0', '1000:100'],
    [
      ['0', OWNER.expected],
      ['root:root', OWNER.expected],
      ['0:4294967295', 'user and group numbers of at most 4294967294'],
    ],
  ],
  [
    'MODE',
    MODE,
    ['0644', '755', '4755', '0000'],
    [
      ['64', MODE.expected],
      ['0o644', MODE.expected],
      ['0888', MODE.expected],
      ['00644', MODE.expected],
      ['u+x', MODE.expected],
    ],
  ],
  [
    'ENV_NAME',
    ENV_NAME,
    ['PATH', '_', 'a.b-c', 'A1'],
    [
      ['', ENV_NAME.expected],
      ['1A', ENV_NAME.expected],
      ['A=B', ENV_NAME.expected],
      ['A B', ENV_NAME.expected],
    ],
  ],
  [
    'LABEL_KEY',
    LABEL_KEY,
    ['org.opencontainers.image.title', 'a', 'example.com/key_1'],
    [
      ['', LABEL_KEY.expected],
      ['.a', LABEL_KEY.expected],
      ['a b', LABEL_KEY.expected],
      ['a=', LABEL_KEY.expected],
    ],
  ],
];

describe.each(CASES)('%s', (_, rule, taken, refused) => {
  it.each(taken)('takes %j', (text) => {
    expect(refusal(rule, text)).toBeUndefined();
  });

  it.each(refused)('refuses %j: %s', (text, words) => {
    expect(refusal(rule, text)).toBe(words);
  });
});
