import { imageBuildOptions, imagePublishOptions } from '@baton/image';
import { BatonError } from '@baton/kernel';
import fc from 'fast-check';
import { combineOptionsForExecutor } from 'nx/src/utils/params';
import { describe, expect, test } from 'vitest';
import { nxSchema } from '../schema/nx-schema.ts';
import { judgeOptions } from './judge-options.ts';

const build = imageBuildOptions.omit({ path: true });
const publish = imagePublishOptions.omit({ path: true });

function refused(given: object): BatonError {
  try {
    judgeOptions('publish', publish, given);
  } catch (error) {
    if (error instanceof BatonError) return error;
    throw error;
  }
  throw new Error(`accepted ${JSON.stringify(given)}`);
}

describe('judgeOptions', () => {
  test('fills in defaults and takes both spellings', () => {
    expect(judgeOptions('image', build, { release: '1.2.3', 'dry-run': true })).toEqual({
      release: '1.2.3',
      dryRun: true,
      locked: false,
      force: false,
      bundle: true,
    });
  });

  test('takes one value where a list is wanted', () => {
    expect(judgeOptions('publish', publish, { tag: 'latest' }).tag).toEqual(['latest']);
    expect(judgeOptions('publish', publish, { tag: ['a', 'b'] }).tag).toEqual(['a', 'b']);
  });

  test('overlooks what Nx puts there for itself', () => {
    const own = { __overrides_unparsed__: ['--x'], __overridesUnparsed__: [], verbose: true, force: undefined };
    expect(judgeOptions('image', build, own)).toEqual(judgeOptions('image', build, {}));
  });

  test.each([
    [{ repositry: 'x' }, 'publish has no option "repositry"', 'Did you mean repository?'],
    [{ 'accept-all': true }, 'publish has no option "acceptAll"', /^It has release, /],
    [{ force: 'yes' }, /^publish: option "force": .*boolean.*, found "yes"$/, undefined],
    [{ tag: [1.1] }, /^publish: option "tag": .*string.*, found 1\.1$/, /reads it as a number/],
    [{ acceptUnproven: '' }, /^publish: option "acceptUnproven": .*, found ""$/, undefined],
  ])('refuses %j', (given, message, hint) => {
    const error = refused(given);
    expect(error.code).toBe('USAGE');
    expect(error.message).toMatch(message);
    if (hint === undefined) expect(error.hint).toBeUndefined();
    else expect(error.hint).toMatch(hint);
  });

  test('whatever is given: Nx lets it through to here, and here it is accepted or refused', () => {
    const schema = JSON.parse(JSON.stringify(nxSchema({ title: 'Publish', description: '', options: publish })));
    const keys = fc.constantFrom('force', 'tag', 'release', 'repository', 'accept-unproven', 'x');
    // Nx itself stumbles over members of objects whose names every object has, such as "valueOf".
    const inherited = new RegExp(`"(${Object.getOwnPropertyNames(Object.prototype).join('|')})":`);
    const values = fc.jsonValue().filter((value) => !inherited.test(JSON.stringify(value)));
    fc.assert(
      fc.property(fc.dictionary(keys, values), (given) => {
        // Between the processes of Nx they travel as JSON.
        const sent: Parameters<typeof combineOptionsForExecutor>[0] = JSON.parse(JSON.stringify(given));
        const passed: object = combineOptionsForExecutor(sent, '', { executor: 'x' }, schema, 'project', '.');
        try {
          judgeOptions('publish', publish, passed);
        } catch (error) {
          expect(error).toBeInstanceOf(BatonError);
        }
      }),
    );
  });
});
