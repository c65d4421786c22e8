import { describe, expect, it } from 'vitest';
import { chooseBase, chooseLayer } from './union-choice.ts';

describe('chooseLayer', () => {
  it.each([
    [{ from: 'a', to: '/a' }, 0],
    [{ npm: 'a', to: '/a' }, 1],
    [{ npm: 'a', from: 'bin', to: '/a' }, 1],
    [{ debian: ['libc6'] }, 2],
    [{ from: null }, 0],
  ])('takes %j as option %i', (value, option) => {
    expect(chooseLayer(value)).toEqual({ option });
  });

  const BEGIN = 'a layer needs exactly one of from, npm, debian; found';

  it.each([
    [{ npm: 'a', debian: ['b'] }, `${BEGIN} both npm and debian`],
    [{ from: 'a', debian: ['b'] }, `${BEGIN} both from and debian`],
    [{ from: 'a', npm: 'b', debian: ['c'] }, `${BEGIN} from, npm and debian`],
    [{}, `${BEGIN} none`],
    [{ to: '/a', owner: '0:0' }, `${BEGIN} only to, owner`],
    [{ a: 1, b: 1, c: 1, d: 1, e: 1, f: 1 }, `${BEGIN} only a, b, c, d, e, ...`],
    ['dist', 'expected a layer with from, npm or debian, found "dist"'],
    [null, 'expected a layer with from, npm or debian, found nothing'],
    [[], 'expected a layer with from, npm or debian, found an empty list'],
  ])('refuses %j', (value, message) => {
    expect(chooseLayer(value)).toMatchObject({ message });
  });

  it('names the key that was meant', () => {
    expect(chooseLayer({ form: 'a', to: '/a' })).toEqual({
      message: `${BEGIN} only form, to`,
      hint: 'Did you mean "from" in place of "form"?',
    });
  });

  it('keeps a hostile key on one line', () => {
    expect(chooseLayer({ 'a\nb': 1 })).toEqual({ message: `${BEGIN} only ["a\\nb"]` });
  });
});

describe('chooseBase', () => {
  it.each([
    [{ layout: 'x' }, 1],
    [{ ref: 'x' }, 2],
    [{ ref: 'x', more: 1 }, 2],
  ])('takes %j as option %i', (value, option) => {
    expect(chooseBase(value)).toEqual({ option });
  });

  it.each([
    [{ layout: 'x', ref: 'y' }, 'a base needs exactly one of layout, ref; found both layout and ref', undefined],
    [{}, 'a base needs exactly one of layout, ref; found none', undefined],
    [
      { layuot: 'x' },
      'a base needs exactly one of layout, ref; found only layuot',
      'Did you mean "layout" in place of "layuot"?',
    ],
    ['scrach', 'expected scratch, { layout: path } or { ref: reference }, found "scrach"', 'Did you mean scratch?'],
    [
      'debian:12',
      'expected scratch, { layout: path } or { ref: reference }, found "debian:12"',
      'Write { ref: "debian:12" }.',
    ],
    [
      '../base',
      'expected scratch, { layout: path } or { ref: reference }, found "../base"',
      'Write { layout: ../base }.',
    ],
    [null, 'expected scratch, { layout: path } or { ref: reference }, found nothing', undefined],
  ])('refuses %j', (value, message, hint) => {
    expect(chooseBase(value)).toEqual({ message, ...(hint === undefined ? {} : { hint }) });
  });
});
