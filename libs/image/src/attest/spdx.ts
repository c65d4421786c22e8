import { canonicalJson, compareText, type Json, sha256, VERSION } from '@baton/kernel';

/** SPDX's word for what is not known. */
export const NOASSERTION = 'NOASSERTION';

/** One package of an SPDX 2.3 document, with the members that are written here. */
export interface SpdxPackage {
  SPDXID: string;
  name: string;
  versionInfo?: string;
  downloadLocation: string;
  filesAnalyzed: false;
  licenseConcluded: string;
  licenseDeclared: string;
  /** The licence as the package words it, where that is no expression. */
  licenseComments?: string;
  copyrightText: string;
  sourceInfo?: string;
  comment?: string;
  primaryPackagePurpose?: 'ARCHIVE' | 'CONTAINER' | 'LIBRARY' | 'SOURCE';
  checksums?: { algorithm: 'SHA1' | 'SHA256' | 'SHA512'; checksumValue: string }[];
  externalRefs?: { referenceCategory: 'PACKAGE-MANAGER'; referenceType: 'purl'; referenceLocator: string }[];
}

/** How two elements of a document stand to each other. */
export interface SpdxRelationship {
  spdxElementId: string;
  relationshipType: 'DESCRIBES' | 'CONTAINS' | 'GENERATED_FROM';
  relatedSpdxElement: string;
  comment?: string;
}

/** An SPDX 2.3 document (ISO/IEC 5962 as amended; JSON form, annex "SPDX JSON"). */
export interface SpdxDocument {
  spdxVersion: 'SPDX-2.3';
  dataLicense: 'CC0-1.0';
  SPDXID: 'SPDXRef-DOCUMENT';
  name: string;
  documentNamespace: string;
  creationInfo: { created: string; creators: string[] };
  packages: SpdxPackage[];
  relationships: SpdxRelationship[];
  comment?: string;
}

/** An SPDXID: only letters, digits, `.` and `-`; names that become equal are told apart by a hash of `unique`. */
export function spdxId(kind: string, name: string, unique: string): string {
  const readable = name.replace(/[^A-Za-z0-9.-]+/g, '-').replace(/^-+|-+$/g, '');
  return `SPDXRef-${kind}-${readable.slice(0, 80)}-${sha256(unique).slice('sha256:'.length, 'sha256:'.length + 8)}`;
}

/** A package about which nothing is known but its name; callers add what they know. */
export function spdxPackage(id: string, name: string, known: Partial<SpdxPackage> = {}): SpdxPackage {
  return {
    SPDXID: id,
    name,
    downloadLocation: NOASSERTION,
    filesAnalyzed: false,
    licenseConcluded: NOASSERTION,
    licenseDeclared: NOASSERTION,
    copyrightText: NOASSERTION,
    ...known,
  };
}

/**
 * Makes the document: packages once and sorted, relationships once and sorted, and a namespace that follows from the
 * content, so that equal content is one document and different content is never under one name.
 */
export function spdxDocument(facts: {
  name: string;
  /** RFC 3339, whole seconds, UTC. */
  created: string;
  /** What the document is about: part of its namespace. */
  about: string;
  packages: readonly SpdxPackage[];
  relationships: readonly SpdxRelationship[];
}): SpdxDocument {
  const packages = new Map(facts.packages.map((item) => [item.SPDXID, item]));
  const relationships = new Map(facts.relationships.map((item) => [textOf(item), item]));
  const document: Omit<SpdxDocument, 'documentNamespace'> = {
    spdxVersion: 'SPDX-2.3',
    dataLicense: 'CC0-1.0',
    SPDXID: 'SPDXRef-DOCUMENT',
    name: facts.name,
    creationInfo: { created: facts.created, creators: [`Tool: baton-${VERSION}`] },
    packages: [...packages.values()].sort((a, b) => compareText(a.SPDXID, b.SPDXID)),
    relationships: [...relationships].sort(([a], [b]) => compareText(a, b)).map(([, item]) => item),
  };
  const content = sha256(canonicalJson(plain(document))).slice('sha256:'.length);
  const about = facts.about.replace(/[^A-Za-z0-9.-]+/g, '-');
  return { ...document, documentNamespace: `https://baton.dev/spdx/${about}/${content}` };
}

/** A value as JSON will have it. */
export function plain(value: object): Json {
  return JSON.parse(JSON.stringify(value)) as Json;
}

function textOf({ spdxElementId, relationshipType, relatedSpdxElement }: SpdxRelationship): string {
  return `${spdxElementId} ${relationshipType} ${relatedSpdxElement}`;
}
