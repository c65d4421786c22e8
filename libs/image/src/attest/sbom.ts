import type { Digest } from '@baton/kernel';
import { formatPlatform, type Platform } from '@baton/oci';
import type { BundledPackages, NpmPackage } from './bundled-packages.ts';
import type { DebianPackage } from './dpkg-database.ts';
import { type LayerFacts, packagesOf } from './layer-facts.ts';
import { licenseExpression } from './license.ts';
import { debianUrl, imageUrl, npmUrl } from './package-url.ts';
import {
  NOASSERTION,
  type SpdxDocument,
  type SpdxPackage,
  type SpdxRelationship,
  spdxDocument,
  spdxId,
  spdxPackage,
} from './spdx.ts';

/** A layer of the image that is described. */
export interface SbomLayer {
  digest: Digest;
  /** What the image's history says of it. */
  title: string | undefined;
  origin: 'base' | 'own';
  /** Undefined for a layer that cannot hold a package database: it was not read. */
  facts: LayerFacts | undefined;
}

/** What a list of contents is made from: nothing but the image and what is locked, so that it is the same everywhere. */
export interface SbomFacts {
  /** The agent's name. */
  name: string;
  version: string | undefined;
  /** As the label of the image has them. */
  licenses: string | undefined;
  revision: string | undefined;
  platform: Platform;
  manifest: Digest;
  /** RFC 3339, whole seconds, UTC. */
  created: string;
  layers: readonly SbomLayer[];
  base: { name: string; digest: Digest | undefined } | undefined;
  bundle: BundledPackages | undefined;
  /** Tells the layers that hold what the bundle command made. */
  holdsBundle(layer: SbomLayer): boolean;
  /** The bundle went to the steps of a Dockerfile: what of it they copied, and where to, is not known. */
  bundleForSteps?: boolean | undefined;
  /** `sha512-<base64>` of an npm package that a layer was made from. */
  integrityOf(id: string): string | undefined;
}

const IMAGE = 'SPDXRef-image';
const SOURCE = 'SPDXRef-source';
const BASE = 'SPDXRef-base';

/** The list of what is in the image of one platform, as an SPDX 2.3 document. */
export function sbomOf(facts: SbomFacts): SpdxDocument {
  const text = formatPlatform(facts.platform);
  const packages: SpdxPackage[] = [imagePackage(facts)];
  const relationships: SpdxRelationship[] = [relate('SPDXRef-DOCUMENT', 'DESCRIBES', IMAGE)];
  if (facts.revision !== undefined) {
    packages.push(
      spdxPackage(SOURCE, `${facts.name} source`, { versionInfo: facts.revision, primaryPackagePurpose: 'SOURCE' }),
    );
    relationships.push(relate(IMAGE, 'GENERATED_FROM', SOURCE));
  }
  if (facts.base !== undefined) {
    const { name, digest } = facts.base;
    packages.push(
      spdxPackage(BASE, name, {
        primaryPackagePurpose: 'CONTAINER',
        ...(digest === undefined ? {} : { versionInfo: digest, checksums: [sha256Of(digest)] }),
      }),
    );
    relationships.push(relate(IMAGE, 'GENERATED_FROM', BASE));
  }
  if (facts.bundleForSteps === true) {
    const given = (facts.bundle?.packages ?? []).map(npm);
    packages.push(...given);
    const comment = 'in the bundle that the Dockerfile was given; its steps decide what of it is in the image';
    relationships.push(...given.map(({ SPDXID }) => ({ ...relate(IMAGE, 'GENERATED_FROM', SPDXID), comment })));
  }
  const installed = packagesOf(facts.layers.map((layer) => layer.facts));
  for (const [number, layer] of facts.layers.entries()) {
    const id = layerId(layer);
    packages.push(
      spdxPackage(id, layer.title ?? `layer ${layer.digest}`, {
        checksums: [sha256Of(layer.digest)],
        primaryPackagePurpose: 'ARCHIVE',
        ...(layer.facts?.unreadable === undefined ? {} : { comment: `not looked into: ${layer.facts.unreadable}` }),
      }),
    );
    relationships.push(relate(IMAGE, 'CONTAINS', id));
    if (layer.origin === 'base' && facts.base !== undefined) relationships.push(relate(BASE, 'CONTAINS', id));
    const inside = [
      ...installed.packages.filter((each) => each.layer === number).map(({ item }) => debian(item, installed.os)),
      ...npmOf(layer, facts),
    ];
    packages.push(...inside);
    relationships.push(...inside.map((each) => relate(id, 'CONTAINS', each.SPDXID)));
    const unknown = whyUnknown(layer, facts, inside.length > 0, installed.packages.length > 0);
    if (unknown !== undefined) relationships.push({ ...relate(id, 'CONTAINS', NOASSERTION), comment: unknown });
  }
  return spdxDocument({
    name: `${facts.name} ${text}`,
    created: facts.created,
    about: facts.manifest,
    packages,
    relationships,
  });
}

function imagePackage({ name, version, licenses, manifest, platform }: SbomFacts): SpdxPackage {
  return spdxPackage(IMAGE, name, {
    versionInfo: version ?? manifest,
    primaryPackagePurpose: 'CONTAINER',
    checksums: [sha256Of(manifest)],
    externalRefs: [purl(imageUrl(name, manifest, platform.architecture))],
    ...declared(licenses, 'the label org.opencontainers.image.licenses says'),
  });
}

function npmOf(layer: SbomLayer, facts: SbomFacts): SpdxPackage[] {
  const found = facts.holdsBundle(layer) ? (facts.bundle?.packages ?? []).map(npm) : [];
  const named = /^npm ((?:@[^@/ ]+\/)?[^@/ ]+)@(\S+)(?: | ->|$)/.exec(layer.title ?? '');
  if (named === null) return found;
  const [, name = '', version = ''] = named;
  return [...found, npm({ name, version, integrity: facts.integrityOf(`${name}@${version}`) })];
}

function npm({ name, version, license, integrity }: NpmPackage): SpdxPackage {
  const url = npmUrl(name, version);
  const hex =
    integrity?.startsWith('sha512-') === true ? Buffer.from(integrity.slice(7), 'base64').toString('hex') : undefined;
  return spdxPackage(spdxId('npm', `${name}-${version ?? ''}`, url), name, {
    ...(version === undefined
      ? { comment: 'the version is not known: no package.json and no lock says it' }
      : { versionInfo: version }),
    primaryPackagePurpose: 'LIBRARY',
    ...(hex === undefined ? {} : { checksums: [{ algorithm: 'SHA512', checksumValue: hex }] }),
    externalRefs: [purl(url)],
    ...declared(license, 'package.json says'),
  });
}

function debian(item: DebianPackage, os: { id?: string; version?: string }): SpdxPackage {
  const url = debianUrl(item, os);
  return spdxPackage(spdxId('deb', `${item.name}-${item.version}`, url), item.name, {
    versionInfo: item.version,
    primaryPackagePurpose: 'LIBRARY',
    externalRefs: [purl(url)],
    ...(item.source === undefined ? {} : { sourceInfo: `built from the source package ${item.source}` }),
  });
}

/** What must be said of a layer whose content is not listed; undefined where the list is whole. */
function whyUnknown(layer: SbomLayer, facts: SbomFacts, listed: boolean, anyDebian: boolean): string | undefined {
  if (layer.facts?.unreadable !== undefined) return `the layer could not be read: ${layer.facts.unreadable}`;
  if (facts.holdsBundle(layer) && facts.bundle?.unknown !== undefined) {
    return `which npm packages are in the bundle is not known: ${facts.bundle.unknown}`;
  }
  if (listed || layer.title?.startsWith('files ') === true) return undefined;
  if (anyDebian) return 'what no package of the database owns is not listed';
  return 'there is no package database that is known here (dpkg), so the content is not listed';
}

function layerId({ digest }: SbomLayer): string {
  return `SPDXRef-layer-${digest.slice('sha256:'.length, 'sha256:'.length + 16)}`;
}

function declared(license: string | undefined, says: string): Partial<SpdxPackage> {
  if (license === undefined) return {};
  const expression = licenseExpression(license);
  if (expression !== undefined) return { licenseDeclared: expression };
  return { licenseComments: `${says} ${JSON.stringify(license)}` };
}

function relate(from: string, relationshipType: SpdxRelationship['relationshipType'], to: string): SpdxRelationship {
  return { spdxElementId: from, relationshipType, relatedSpdxElement: to };
}

function sha256Of(digest: Digest): { algorithm: 'SHA256'; checksumValue: string } {
  return { algorithm: 'SHA256', checksumValue: digest.slice('sha256:'.length) };
}

function purl(referenceLocator: string): NonNullable<SpdxPackage['externalRefs']>[number] {
  return { referenceCategory: 'PACKAGE-MANAGER', referenceType: 'purl', referenceLocator };
}
