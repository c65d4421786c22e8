import fc from 'fast-check';

/**
 * One value of an arbitrary with what is needed to shrink it, by its seed alone: the same seed gives the same value, and
 * cases with neighbouring numbers have nothing in common.
 */
export function drawCase<T>(arbitrary: fc.Arbitrary<T>, seed: number): fc.Value<T> {
  const keeper = new Keeper(arbitrary);
  fc.sample(keeper, { seed, numRuns: 1 });
  const { kept } = keeper;
  if (kept === undefined) throw new Error('the arbitrary drew nothing');
  return kept;
}

/** The seed of the case with this number (from 0) under a seed: the first one has the seed itself, so that it can be named alone. */
export function caseSeed(seed: number, number: number): number {
  if (number === 0) return seed;
  // SplitMix32: one number becomes another that looks like chance.
  let mixed = (seed + Math.imul(number, 0x9e3779b9)) | 0;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x21f0aaad);
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
  return (mixed ^ (mixed >>> 15)) >>> 0;
}

/** Keeps what an arbitrary draws together with its context, which `fc.sample` does not give. */
class Keeper<T> extends fc.Arbitrary<T> {
  readonly #inner: fc.Arbitrary<T>;
  kept: fc.Value<T> | undefined;

  constructor(inner: fc.Arbitrary<T>) {
    super();
    this.#inner = inner;
  }

  override generate(random: Parameters<fc.Arbitrary<T>['generate']>[0], bias: number | undefined): fc.Value<T> {
    this.kept = this.#inner.generate(random, bias);
    return this.kept;
  }

  override canShrinkWithoutContext(value: unknown): value is T {
    return this.#inner.canShrinkWithoutContext(value);
  }

  override shrink(value: T, context: unknown): fc.Stream<fc.Value<T>> {
    return this.#inner.shrink(value, context);
  }
}
