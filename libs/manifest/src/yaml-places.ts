import { readYaml } from './yaml-source.ts';
import type { Position, ValuePath } from './yaml-types.ts';

/** Looks up where values of a YAML text start, for messages about a file that was read before; undefined for a text that cannot be read. */
export function yamlPlaces(bytes: Uint8Array): ((path: ValuePath) => Position) | undefined {
  const source = readYaml(bytes);
  return Array.isArray(source) ? undefined : (path) => source.valueAt(path);
}
