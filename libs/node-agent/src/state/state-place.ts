/** Where the state of a package is (contract, section 7). */
export interface StatePlace {
  /** `{rootMount}{SKYHOOK_ROOT_DIR}`, made by plain concatenation (T40). */
  readonly directory: string;
  /** Of config.json, not of the resource id (T20); used as a path component without any check. */
  readonly packageName: string;
  /** Of config.json. */
  readonly packageVersion: string;
}
