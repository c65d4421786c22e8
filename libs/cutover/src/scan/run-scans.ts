import type { ResultContext } from '../model/context.ts';
import type { ScanOperation } from '../model/manifest.ts';
import type { ScanResult } from '../model/plan.ts';
import { deadPathsScan } from './dead-paths-scan.ts';
import { forbidScan } from './forbid-scan.ts';
import { linksScan } from './links-scan.ts';

/**
 * Runs all scans on the result tree, in the order of the manifest. A scan that finds something, or has an exception that was not
 * needed, is `failed`; nothing is thrown for that.
 *
 * @throws BatonError `PATTERN_INVALID`, `PATTERN_TIMEOUT`
 */
export async function runScans(context: ResultContext, operations: readonly ScanOperation[]): Promise<ScanResult[]> {
  const results: ScanResult[] = [];
  for (const [index, scan] of operations.entries()) {
    context.signal?.throwIfAborted();
    const id = `scan[${index}]`;
    context.emit({ type: 'scan.start', id, label: `${id} ${Object.keys(scan).join('')}` });
    const result = await runScan(context, scan, id);
    context.emit({ type: 'scan.end', id, detail: result.state });
    results.push(result);
  }
  return results;
}

async function runScan(context: ResultContext, scan: ScanOperation, id: string): Promise<ScanResult> {
  if ('forbid' in scan) return await forbidScan(context, scan.forbid, `${id} forbid`);
  if ('links' in scan) return await linksScan(context, scan.links, `${id} links`);
  return await deadPathsScan(context, scan['dead-paths'], `${id} dead-paths`);
}
