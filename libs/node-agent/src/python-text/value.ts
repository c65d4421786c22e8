/**
 * A value of JSON as Python holds it: `bigint` is int, `number` is float, `Map` is dict in its insertion order.
 *
 * JavaScript's own values cannot say what the contract needs: `1` and `1.0` differ in print, integers have any size, and
 * keys that look like integers keep their place (contract 18.2, 18.4, T15, T35).
 */
export type PyValue = null | boolean | bigint | number | string | PyValue[] | PyDict;

/** A dict: keys in the order in which they were first set. */
export type PyDict = Map<string, PyValue>;
