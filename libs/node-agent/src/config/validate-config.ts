import { PythonError } from '../crash.ts';
import { type PyDict, type PyValue, pythonType, strOf } from '../python-text/index.ts';
import { describeProblem } from './schema-problem.ts';
import { validateSchemaV1 } from './schema-v1.generated.mjs';
import { schemaView } from './schema-view.ts';

/**
 * The document, held to the schema that its `schema_version` names (contract, 6.2 and 6.3).
 *
 * In this order: TypeError where it is no object, KeyError without `schema_version`, then ValidationError for an unknown version
 * (`v1` is the only one) and for what breaks the schema. The wording of that last one is ours (section 21).
 */
export function validateConfig(document: PyValue): PyDict {
  if (!(document instanceof Map)) throw new PythonError('TypeError', notSubscriptable(document));
  const version = document.get('schema_version');
  if (version === undefined) throw new PythonError('KeyError', "'schema_version'");
  if (version !== 'v1') throw invalid(`Unknown skyhook-agent schema version: ${strOf(version)}`);
  if (!matches(document)) {
    const problem = validateSchemaV1.errors?.[0];
    throw invalid(problem === undefined ? 'config.json does not match the schema' : describeProblem(document, problem));
  }
  return document;
}

function matches(document: PyDict): boolean {
  try {
    return validateSchemaV1(schemaView(document));
  } catch (error) {
    // The pattern of a version needs more stack than there is from about a million parts on.
    if (error instanceof RangeError) throw invalid('package_version: too many parts');
    throw error;
  }
}

function invalid(message: string): PythonError {
  return new PythonError('jsonschema.exceptions.ValidationError', message);
}

/** What Python says where a value that is no dict is asked for the key. */
function notSubscriptable(value: PyValue): string {
  if (Array.isArray(value)) return 'list indices must be integers or slices, not str';
  if (typeof value === 'string') return "string indices must be integers, not 'str'";
  return `'${pythonType(value)}' object is not subscriptable`;
}
