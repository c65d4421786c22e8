import { PythonError } from '../crash.ts';

/** The last two of the three parts of SKYHOOK_RESOURCE_ID. Either may be empty. */
export interface ResourcePackage {
  readonly name: string;
  readonly version: string;
}

/** Splits `{anything}_{package}_{version}`; ValueError unless there are exactly two underscores (contract, section 5). */
export function splitResourceId(resourceId: string): ResourcePackage {
  const parts = resourceId.split('_');
  const [, name, version] = parts;
  if (name === undefined || version === undefined) {
    throw new PythonError('ValueError', `not enough values to unpack (expected 3, got ${parts.length})`);
  }
  if (parts.length > 3) throw new PythonError('ValueError', 'too many values to unpack (expected 3)');
  return { name, version };
}
