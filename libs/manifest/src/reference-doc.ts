import { manifestJsonSchema } from './json-schema.ts';
import { type Shape, schemaTable as section } from './schema-table.ts';

/**
 * The tables of `docs/agent-yaml.md`, one for each section, drawn from the schema: they stand between the markers of the
 * part `agent-yaml` (kernel `replaceGenerated`).
 */
export function manifestReference(): string {
  const root = manifestJsonSchema() as Shape;
  const image = root.properties?.image ?? {};
  const [files, npm, debian] = image.properties?.layers?.items?.anyOf ?? [];
  const [, layout, reference] = image.properties?.base?.anyOf ?? [];
  return [
    section('Top level', root),
    section('`bundle`', root.properties?.bundle),
    section('`image`', image),
    section('`image.base` as an image layout', layout),
    section('`image.base` as a registry reference', reference),
    section('`image.layers`: files', files),
    section('`image.layers`: npm package', npm),
    section('`image.layers`: Debian packages', debian),
    section('`compression`', image.properties?.compression),
    section('`parity`', root.properties?.parity),
    section('`parity.old`, `parity.new`', root.properties?.parity?.properties?.old),
    section('`parity.new.mounts`', root.properties?.parity?.properties?.new?.properties?.mounts?.items),
    section('`cutover`', root.properties?.cutover),
    section('`evidence`', root.properties?.evidence),
    section('`release`', root.properties?.release),
  ].join('\n\n');
}
