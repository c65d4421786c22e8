import { licenseExpression } from './license.ts';
import type { SpdxDocument } from './spdx.ts';

/** What of SPDX 2.3 a document breaks, one line each: the rules that a reader relies on. For tests of this room. */
export function spdxProblems(document: SpdxDocument): string[] {
  const problems: string[] = [];
  const demand = (holds: boolean, what: string): void => {
    if (!holds) problems.push(what);
  };
  const ids = [document.SPDXID, ...document.packages.map(({ SPDXID }) => SPDXID)];
  demand(document.spdxVersion === 'SPDX-2.3', '6.1: the version');
  demand(document.dataLicense === 'CC0-1.0', '6.2: the licence of the data');
  demand(document.SPDXID === 'SPDXRef-DOCUMENT', '6.3: the id of the document');
  demand(document.name !== '', '6.4: a name');
  demand(/^https:\/\/[^#\s]+$/.test(document.documentNamespace), '6.5: a namespace without #');
  demand(
    document.creationInfo.creators.some((who) => /^Tool: \S+-\S+$/.test(who)),
    '6.8: a creator',
  );
  demand(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(document.creationInfo.created), '6.9: the time of creation');
  demand(new Set(ids).size === ids.length, '3.2: ids are unique');
  for (const item of document.packages) {
    const at = item.SPDXID;
    demand(/^SPDXRef-[A-Za-z0-9.-]+$/.test(at), `7.2: ${at} is an id`);
    demand(item.name !== '' && !/[\r\n]/.test(item.name), `7.1: ${at} has a name of one line`);
    demand(item.downloadLocation === 'NOASSERTION', `7.7: ${at} has a download location`);
    demand(item.filesAnalyzed === false, `7.8: ${at} has no files`);
    for (const { algorithm, checksumValue } of item.checksums ?? []) {
      const digits = { SHA1: 40, SHA256: 64, SHA512: 128 }[algorithm];
      demand(new RegExp(`^[0-9a-f]{${digits}}$`).test(checksumValue), `7.10: ${at} has a checksum`);
    }
    for (const license of [item.licenseConcluded, item.licenseDeclared]) {
      demand(license === 'NOASSERTION' || licenseExpression(license) === license, `7.13: ${at} has a licence`);
    }
    demand(item.copyrightText !== '', `7.17: ${at} has a copyright text`);
    for (const { referenceLocator } of item.externalRefs ?? []) {
      demand(/^pkg:[a-z]+\/[^\s@]+(?:@[^\s@?]+)?(?:\?[^\s?]+)?$/.test(referenceLocator), `7.21: ${at} has a purl`);
    }
  }
  for (const { spdxElementId, relatedSpdxElement } of document.relationships) {
    demand(ids.includes(spdxElementId), `11.1: ${spdxElementId} is in the document`);
    demand([...ids, 'NOASSERTION', 'NONE'].includes(relatedSpdxElement), `11.1: ${relatedSpdxElement} is there`);
  }
  const related = new Set(document.relationships.map(({ relatedSpdxElement }) => relatedSpdxElement));
  for (const item of document.packages) demand(related.has(item.SPDXID), `11: ${item.SPDXID} stands in no relation`);
  const described = document.relationships.filter(({ relationshipType }) => relationshipType === 'DESCRIBES');
  demand(described.length === 1 && described[0]?.spdxElementId === 'SPDXRef-DOCUMENT', '11: it describes one thing');
  return problems;
}
