import fc from 'fast-check';

/** Something once for `times` times that it is absent; what is absent is simplest. */
export function seldom<T>(arbitrary: fc.Arbitrary<T>, times: number): fc.Arbitrary<T | undefined> {
  return fc.oneof(
    { withCrossShrink: true },
    { weight: times, arbitrary: fc.constant(undefined) },
    { weight: 1, arbitrary },
  );
}
