import { describe, expect, it } from 'vitest';
import { RELEASE_TEMPLATE, TAG_TEMPLATE } from './template-rule.ts';
import { type TextRule, textField } from './text-field.ts';

function refusal(rule: TextRule, text: string): [string, string?] | undefined {
  const issue = textField(rule).safeParse(text).error?.issues[0];
  if (issue === undefined) return undefined;
  const { hint } = (issue as { params?: { hint?: string } }).params ?? {};
  return hint === undefined ? [issue.message] : [issue.message, hint];
}

const TAG_LIST = '{version} {major} {minor} {patch} {commit} {name}';

describe('TAG_TEMPLATE', () => {
  it.each([
    '{version}',
    '{major}.{minor}.{patch}',
    'latest',
    'sha-{commit}',
    '{name}-{version}',
    '_x',
    'A.b-c',
  ])('takes %j', (text) => expect(refusal(TAG_TEMPLATE, text)).toBeUndefined());

  it('names an unknown placeholder and the nearest known one', () => {
    expect(refusal(TAG_TEMPLATE, 'v{versoin}')).toEqual([
      `one of the placeholders ${TAG_LIST} in place of {versoin}`,
      'Did you mean {version}?',
    ]);
    expect(refusal(TAG_TEMPLATE, '{VERSION}')?.[1]).toBe('Did you mean {version}?');
    expect(refusal(TAG_TEMPLATE, '{whatever-it-is}')).toEqual([
      `one of the placeholders ${TAG_LIST} in place of {whatever-it-is}`,
    ]);
    expect(refusal(TAG_TEMPLATE, '{}')?.[0]).toBe(`one of the placeholders ${TAG_LIST} in place of {}`);
  });

  it.each(['{version', 'version}', '{{version}}', '}{'])('refuses %j: braces come in pairs', (text) => {
    expect(refusal(TAG_TEMPLATE, text)).toEqual([`braces in pairs around a placeholder (${TAG_LIST})`]);
  });

  it.each(['', '-x', '.x', 'a/b', 'a:b', 'a b', 'é', `{version}${'x'.repeat(124)}`])('refuses %j: no tag', (text) => {
    expect(refusal(TAG_TEMPLATE, text)).toEqual([TAG_TEMPLATE.expected]);
  });
});

describe('RELEASE_TEMPLATE', () => {
  it.each(['{name}/v{version}', 'v{version}', 'agent/v{version}', '{version}-x'])('takes %j', (text) => {
    expect(refusal(RELEASE_TEMPLATE, text)).toBeUndefined();
  });

  it.each(['', 'v1', '{name}', '{version}{version}'])('refuses %j: the version once', (text) => {
    expect(refusal(RELEASE_TEMPLATE, text)).toEqual([RELEASE_TEMPLATE.expected]);
  });

  it.each([
    'a b{version}',
    '{version}.lock',
    '/v{version}',
    'a..{version}',
    'a//{version}',
    '.a/{version}',
    'a~{version}',
  ])('refuses %j: no git tag', (text) =>
    expect(refusal(RELEASE_TEMPLATE, text)).toEqual(['a template whose result is a valid git tag']));

  it('knows fewer placeholders than tags of images', () => {
    expect(refusal(RELEASE_TEMPLATE, '{version}{commit}')).toEqual([
      'one of the placeholders {name} {version} in place of {commit}',
    ]);
  });
});
