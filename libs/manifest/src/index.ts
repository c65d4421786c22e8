export { manifestJsonSchema } from './json-schema.ts';
export { type LoadedManifest, loadManifest, MANIFEST_NAME, parseAgentManifest } from './load.ts';
export { manifestReference } from './reference-doc.ts';
export { parseRetention } from './retention-file.ts';
export type {
  AgentManifest,
  BaseSection,
  BundleSection,
  DebianLayer,
  DockerfileSection,
  EvidenceSection,
  FilesLayer,
  ImageSection,
  LayerSection,
  NpmLayer,
  ParitySection,
  RetentionSection,
  VerifySection,
} from './schema.ts';
export { matchesTagPattern } from './schema-retention.ts';
export { type Shape, schemaTable } from './schema-table.ts';
export { parseYamlForm, type YamlForm } from './yaml-form.ts';
export { yamlPlaces } from './yaml-places.ts';
export type { TextTag } from './yaml-types.ts';
