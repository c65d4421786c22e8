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
    if ('forbid' in scan) results.push(await forbidScan(context, scan.forbid, `scan[${index}] forbid`));
    else if ('links' in scan) results.push(await linksScan(context, scan.links, `scan[${index}] links`));
    else results.push(await deadPathsScan(context, scan['dead-paths'], `scan[${index}] dead-paths`));
  }
  return results;
}
