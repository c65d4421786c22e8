import { BatonError } from '@baton/kernel';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { checkVersion, chooseVersion, versionsInTags } from './version.ts';

const from = {
  tagsAtHead: ['agent/v1.2.3', 'agent/v1.2.4-rc.1', 'other/v9.0.0'],
  tagPattern: '{name}/v{version}',
  name: 'agent',
};

test.each([
  ['what the caller says comes first', { ...from, release: '3.0.0', manifest: '2.0.0' }, '3.0.0', 'release'],
  ['then the manifest', { ...from, manifest: '2.0.0' }, '2.0.0', 'manifest'],
  ['then the newest tag of this component on this commit', from, '1.2.4-rc.1', 'tag'],
  ['and else there is none', { ...from, tagsAtHead: ['v1.2.3'] }, undefined, undefined],
])('%s', (_, input, version, source) => {
  const chosen = chooseVersion(input);
  expect(chosen?.version.version).toBe(version);
  expect(chosen?.source).toBe(source);
});

test.each(['1.2', 'latest', '', '1.2.3.4', '01.2.3', ' 1.2.3', '1.2.3 '])('%j is no version', (text) => {
  expect(() => checkVersion(text, '--release')).toThrow(
    expect.objectContaining({ code: 'VERSION_INVALID', exitCode: 2 }),
  );
});

test.each([
  ['v1.2.3', 'Write it as 1.2.3.'],
  ['1.2.3+build.7', '1.2.3-build.7'],
  ['1.2.3-rc.1+build', '1.2.3-rc.1.build'],
])('%s is refused with the form to use', (text, hint) => {
  try {
    checkVersion(text, '--release');
    expect.unreachable();
  } catch (error) {
    expect(error).toBeInstanceOf(BatonError);
    expect(error).toMatchObject({ code: 'VERSION_INVALID', hint: expect.stringContaining(hint) });
  }
});

test.each([
  ['v{version}', ['v1.0.0', 'v1.0.0+b', 'vv1.0.0', '1.0.0', 'agent/v1.0.0'], ['1.0.0']],
  ['{name}-{version}-final', ['agent-1.0.0-final', 'agent-1.0.0', '-final'], ['1.0.0']],
  ['{name}/v{version}', ['agent/v1.9.0', 'agent/v1.10.0'], ['1.10.0', '1.9.0']],
])('versions of the pattern %s in %j', (pattern, tags, expected) => {
  expect(versionsInTags(tags, pattern, 'agent').map(String)).toEqual(expected);
});

test('a version that is accepted is what its tag says', () => {
  const identifier = fc.stringMatching(/^[0-9A-Za-z-]{1,8}$/);
  const part = fc.nat({ max: 99 });
  fc.assert(
    fc.property(part, part, part, fc.array(identifier, { maxLength: 3 }), (major, minor, patch, pre) => {
      const text = `${major}.${minor}.${patch}${pre.length > 0 ? `-${pre.join('.')}` : ''}`;
      const valid = pre.every((id) => !/^0\d+$/.test(id));
      if (!valid) expect(() => checkVersion(text, 'x')).toThrow();
      else expect(versionsInTags([`v${checkVersion(text, 'x')}`], 'v{version}', 'x').map(String)).toEqual([text]);
    }),
  );
});
