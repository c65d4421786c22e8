import type { Mode } from './modes.ts';

/** An accepted config.json (contract, section 6). */
export interface Config {
  /** Unchecked: used as a path component, slashes and `..` included. */
  readonly packageName: string;
  readonly packageVersion: string;
  readonly expectedConfigFiles: readonly string[];
  /** In the order of the keys. An absent mode has no entry; `interrupt` may be there, and its steps never run. */
  readonly modes: ReadonlyMap<Mode, readonly Step[]>;
}

/** One script of the package with arguments, run once in one mode. */
export interface Step {
  readonly name: string;
  /** Below `{copyDir}/skyhook_dir/`. */
  readonly path: string;
  /** As in the config, before `env:` is resolved: the marker is made of these (T16). */
  readonly arguments: readonly string[];
  /** Floats stay floats: `1.0` and `1` are printed differently (T15). */
  readonly returnCodes: readonly (bigint | number)[];
  readonly onHost: boolean;
  /** `idempotence: true` in the config means Disabled: never skip (T17). */
  readonly idempotence: 'Auto' | 'Disabled';
  /** Gets the previous and the current version as arguments. */
  readonly upgradeStep: boolean;
  readonly env: ReadonlyMap<string, string>;
}
