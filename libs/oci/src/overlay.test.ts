import { describe, expect, test } from 'vitest';
import { Overlay } from './overlay.ts';
import { directory, entry, hard, symbolic } from './test-tar.ts';

// What stacking means is tested through flattenLayers; here is what only this part knows.
describe('Overlay', () => {
  test('tells of each path which layer and which entry it comes from', () => {
    const overlay = new Overlay();
    overlay.apply(0, [directory('d'), entry('d/a', 'x'), entry('b', 'y')], 'layer 0');
    overlay.apply(1, [entry('d/.wh.a'), entry('c', 'z'), hard('e', 'b')], 'layer 1');
    expect(overlay.nodes.map(([path, { layer, position }]) => [path, layer, position])).toEqual([
      ['b', 0, 2],
      ['c', 1, 1],
      ['d', 0, 0],
      ['e', 0, 2],
    ]);
  });

  test('gives a header the path where its entry went', () => {
    const overlay = new Overlay();
    overlay.apply(0, [directory('usr'), symbolic('lib', 'usr'), entry('lib/a', 'x')], 'layer 0');
    expect(overlay.nodes.map(([path, { header }]) => [path, header.path])).toEqual([
      ['lib', 'lib'],
      ['usr', 'usr'],
      ['usr/a', 'usr/a'],
    ]);
  });

  test('a refused layer names itself', () => {
    expect(() => new Overlay().apply(0, [hard('a', 'b')], 'layer 7 of node')).toThrow(
      expect.objectContaining({
        code: 'LAYER_INVALID',
        message: expect.stringMatching(/^layer 7 of node: /) as string,
      }),
    );
  });

  test('paths of thousands of parts, and directories of thousands of names, are no burden', () => {
    const deep = 'd/'.repeat(2000);
    const overlay = new Overlay();
    overlay.apply(0, [entry(`${deep}x`), ...Array.from({ length: 20_000 }, (_, i) => entry(`many/${i}`))], 'layer 0');
    overlay.apply(1, [entry('.wh.d'), entry('many/.wh..wh..opq')], 'layer 1');
    expect(overlay.nodes).toEqual([]);
  });
});
