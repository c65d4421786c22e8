import { missingNeed, startEngine, type TestEngine } from '@baton/testkit';

/** Starts a private engine; undefined when it cannot run here, with the reason printed. */
export async function startBenchEngine(): Promise<TestEngine | undefined> {
  const missing = missingNeed('dockerd');
  try {
    if (missing === undefined) return await startEngine();
    console.error(`dockerd does not run here (${missing}): its rows are left out`);
  } catch (error) {
    const [first] = (error instanceof Error ? error.message : String(error)).split('\n');
    console.error(`dockerd does not run here (${first}): its rows are left out`);
  }
  return undefined;
}
