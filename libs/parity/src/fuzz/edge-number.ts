import fc from 'fast-check';

/** Bounds of an {@link edgeNumber}, and where something is likely to happen. */
export interface EdgeNumberOptions {
  min?: number;
  max: number;
  edges: readonly number[];
  /** Small numbers are drawn up to this one; default `min` + 8. */
  small?: number;
}

/**
 * Whole numbers that are drawn at edges, beside them, and among the smallest, but that shrink through all numbers: a fault
 * that begins at 70 000 shrinks to 70 000 although 65 536 was the edge.
 */
export function edgeNumber(options: EdgeNumberOptions): fc.Arbitrary<number> {
  return new EdgeNumber(options);
}

class EdgeNumber extends fc.Arbitrary<number> {
  readonly #all: fc.Arbitrary<number>;
  readonly #drawn: fc.Arbitrary<number>;

  constructor({ min = 0, max, edges, small = min + 8 }: EdgeNumberOptions) {
    super();
    const near = edges.flatMap((edge) => [edge - 1, edge, edge + 1]).filter((value) => value >= min && value <= max);
    this.#all = fc.integer({ min, max });
    const few = fc.integer({ min, max: Math.min(small, max) });
    this.#drawn = near.length === 0 ? few : fc.oneof(few, fc.constantFrom(...near));
  }

  override generate(
    random: Parameters<fc.Arbitrary<number>['generate']>[0],
    bias: number | undefined,
  ): fc.Value<number> {
    return new fc.Value(this.#drawn.generate(random, bias).value, undefined);
  }

  override canShrinkWithoutContext(value: unknown): value is number {
    return this.#all.canShrinkWithoutContext(value);
  }

  override shrink(value: number, context: unknown): fc.Stream<fc.Value<number>> {
    return this.#all.shrink(value, context);
  }
}
