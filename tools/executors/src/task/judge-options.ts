import { BatonError, nearest } from '@baton/kernel';
import type { OptionIssue, OptionsSchema } from './capability.ts';

// What Nx puts among the options for its own use.
const NX_OWN = /^(__.*__|_|--|\$0|verbose|outputStyle|nxIgnoreCycles|nxBail)$/;

/**
 * The options of a task, checked by the capability's own schema. The JSON Schema that Nx checks first is loose on
 * purpose (see `schema/nx-schema.ts`), so that a mistake ends here, as one line for one task.
 *
 * Errors: `USAGE`.
 *
 * @param executor for messages: `image`
 */
export function judgeOptions<O>(executor: string, schema: OptionsSchema<O>, given: object): O {
  const properties = propertiesOf(schema);
  const options: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(given)) {
    if (NX_OWN.test(key) || value === undefined) continue;
    const name = camelCase(key);
    // `--tag=latest` is one value where a list is wanted.
    options[name] = properties[name]?.type === 'array' && !Array.isArray(value) ? [value] : value;
  }
  const result = schema.safeParse(options);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  if (issue === undefined) throw new BatonError('USAGE', `${executor}: the options are not valid`);
  throw wrong(executor, issue, options, Object.keys(properties));
}

function wrong(executor: string, issue: OptionIssue, options: Record<string, unknown>, known: string[]): BatonError {
  const unknown = issue.keys?.[0];
  if (issue.code === 'unrecognized_keys' && unknown !== undefined) {
    const meant = nearest(unknown, known);
    return new BatonError('USAGE', `${executor} has no option "${unknown}"`, {
      hint: meant === undefined ? `It has ${known.join(', ')}.` : `Did you mean ${meant}?`,
    });
  }
  const name = String(issue.path[0] ?? 'options');
  const value = issue.path.reduce<unknown>(
    (at, key) => (at as Record<PropertyKey, unknown> | undefined)?.[key],
    options,
  );
  return new BatonError('USAGE', `${executor}: option "${name}": ${issue.message}, found ${JSON.stringify(value)}`, {
    // Nx parses arguments before anyone else: 1.10 has become 1.1 by now, and nobody can tell.
    ...(typeof value === 'number'
      ? { hint: 'Nx reads it as a number. Set it as text in the "options" of the target, in project.json or nx.json.' }
      : {}),
  });
}

/** The option names of a schema, with their JSON Schemas. */
export function propertiesOf(schema: OptionsSchema<unknown>): Record<string, Record<string, unknown>> {
  const json = schema.toJSONSchema({ io: 'input', target: 'draft-7' });
  return (json.properties ?? {}) as Record<string, Record<string, unknown>>;
}

function camelCase(key: string): string {
  return key.replace(/(?<=.)-+(.)/g, (_, letter: string) => letter.toUpperCase());
}
