export { findBanner } from './changelog/banner.ts';
export { missingCompareLink } from './changelog/changelog-document.ts';
export { insertChangelogEntry } from './changelog/insert-entry.ts';
export { insertNotes } from './changelog/insert-notes.ts';
export { editDockerInstr } from './docker/docker-instr.ts';
export { type DockerCopy, type DockerfileFacts, type DockerStage, dockerfileFacts } from './docker/dockerfile-facts.ts';
export { documentFault, jsonFormatOf } from './document-fault.ts';
export { compileGlob, compileGlobs, type Glob, isGlob } from './glob.ts';
export { editJson } from './json/edit-json.ts';
export { type JsonString, jsonStrings } from './json/json-strings.ts';
export { type JsonDocument, type JsonFormat, type JsonNode, parseJson } from './json/parse-json.ts';
export { editMakeTarget } from './make/make-target.ts';
export { editMakeVar } from './make/make-var.ts';
export {
  type MakeCall,
  type MakefileFacts,
  type MakeTarget,
  type MakeVariable,
  makefileFacts,
} from './make/makefile-facts.ts';
export { editMdBullet } from './markdown/edit-md-bullet.ts';
export { editMdFence } from './markdown/edit-md-fence.ts';
export { editMdRow } from './markdown/edit-md-row.ts';
export { editMdSection } from './markdown/edit-md-section.ts';
export { headingSlug, type MarkdownFacts, type MarkdownLink, markdownFacts } from './markdown/markdown-facts.ts';
export { mergeFiles } from './merge/merge-files.ts';
export { parseNodePath, printNodePath } from './node-path.ts';
export type * from './operations.ts';
export {
  compilePattern,
  escapePattern,
  expandTemplate,
  findAll,
  type Pattern,
  type PatternMatch,
  runBounded,
} from './pattern.ts';
export { findReferences } from './repath/find-references.ts';
export type { Reference, ReferenceOptions, RepathFile } from './repath/reference.ts';
export { editRepath } from './repath/repath.ts';
export { type TracedReference, traceReferences } from './repath/trace-references.ts';
export { applySplices, type Edit, invertSplices, type Splice, sortSplices } from './splice.ts';
export { type FoundText, findText, type TextSearch } from './text/find-text.ts';
export { editLines } from './text/lines.ts';
export { editPatch } from './text/patch.ts';
export { editReplace } from './text/replace.ts';
export { editToml } from './toml/edit-toml.ts';
export { editYamlCarry } from './yaml/edit-carry.ts';
export { editYamlEmbedded } from './yaml/edit-embedded.ts';
export { editYamlItem } from './yaml/edit-item.ts';
export { editYamlList } from './yaml/edit-list.ts';
export { editYamlMap } from './yaml/edit-map.ts';
export { joinYamlInsertions } from './yaml/join-insertions.ts';
