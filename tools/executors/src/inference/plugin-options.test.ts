import { BatonError } from '@baton/kernel';
import { describe, expect, test } from 'vitest';
import { targetNames } from './plugin-options.ts';

describe('targetNames', () => {
  test('has names of its own when nx.json says nothing', () => {
    const names = {
      bundle: 'bundle',
      image: 'image',
      imagePlan: 'image-plan',
      publish: 'publish',
      verify: 'verify',
      parity: 'parity',
      cutover: 'cutover',
    };
    expect(targetNames(undefined)).toEqual(names);
    expect(targetNames({})).toEqual(names);
  });

  test('takes the names of nx.json', () => {
    expect(targetNames({ imageTargetName: 'oci', publishTargetName: 'push' })).toEqual({
      bundle: 'bundle',
      image: 'oci',
      imagePlan: 'image-plan',
      publish: 'push',
      verify: 'verify',
      parity: 'parity',
      cutover: 'cutover',
    });
  });

  test.each([
    [{ imageTargetname: 'x' }, 'nx.json: @baton/nx has no option "imageTargetname"', 'Did you mean imageTargetName?'],
    [{ zzz: 'x' }, 'nx.json: @baton/nx has no option "zzz"', /^It has bundleTargetName, /],
    [{ imageTargetName: 'a:b' }, 'nx.json: imageTargetName must be a target name, found "a:b"', /no ":"/],
    [{ imageTargetName: '' }, 'nx.json: imageTargetName must be a target name, found ""', /white space/],
    [{ imageTargetName: 1 }, 'nx.json: imageTargetName must be a target name, found 1', /white space/],
    [{ imageTargetName: 'publish' }, 'nx.json: two targets of @baton/nx are called "publish"', undefined],
    ['image', 'nx.json: the options of @baton/nx must be an object, found "image"', undefined],
  ])('refuses %j', (options, message, hint) => {
    const error = caught(() => targetNames(options));
    expect(error.code).toBe('USAGE');
    expect(error.message).toBe(message);
    if (hint instanceof RegExp) expect(error.hint).toMatch(hint);
    else expect(error.hint).toBe(hint);
  });
});

function caught(work: () => unknown): BatonError {
  try {
    work();
  } catch (error) {
    if (error instanceof BatonError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}
