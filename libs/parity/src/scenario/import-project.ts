import { resolve } from 'node:path';
import { BatonError, plural } from '@baton/kernel';
import type { LoadedManifest } from '@baton/manifest';
import type { GoldenOrigin } from '../golden/golden-manifest.ts';
import { type GoldenStore, openGoldens } from '../golden/golden-store.ts';
import { refuseInCi } from '../golden/read-only.ts';
import type { ParityImportOptions } from '../options.ts';
import { paritySection } from '../runner/parity-project.ts';
import {
  type DigestedRecording,
  type ImportedGoldens,
  type ImportResult,
  importRecordings,
} from './import-recordings.ts';

/**
 * Takes recordings over into a project: scenarios, and what was recorded as its goldens. Throws the errors of {@link importRecordings} and
 * of writing goldens; `GOLDEN_READ_ONLY` in CI; `SCENARIO_DUPLICATE` when a golden of another origin is there; `USAGE` when the manifest has
 * no section `parity`.
 */
export async function importParity(
  project: LoadedManifest,
  { recordings, of, goldens, overwrite }: ParityImportOptions,
  io: { env: NodeJS.ProcessEnv; signal: AbortSignal },
): Promise<ImportResult> {
  const section = paritySection(project);
  if (goldens) refuseInCi(io.env, 'import');
  const store = openGoldens(resolve(project.dir, section.goldens));
  return await importRecordings(recordings, {
    scenarios: resolve(project.dir, section.scenarios),
    overwrite,
    ...(goldens ? { goldens: goldensIn(store, of, io.signal) } : {}),
  });
}

function goldensIn(store: GoldenStore, of: string, signal: AbortSignal): ImportedGoldens {
  return {
    async refuseOthers(recordings) {
      const there = new Set(await store.ids());
      const others: string[] = [];
      for (const recording of recordings.filter(({ scenario }) => there.has(scenario.id))) {
        const origin = await store.origin(recording.scenario.id);
        if (origin.kind !== 'imported' || origin.identity.digest !== recording.digest)
          others.push(recording.scenario.id);
      }
      if (others.length === 0) return;
      const message = `there is a golden of ${others[0]} already, and it does not come from this recording`;
      throw new BatonError('SCENARIO_DUPLICATE', message, {
        hint: `--overwrite replaces it (${plural(others.length, 'golden')} of this kind); --no-goldens leaves goldens alone.`,
      });
    },
    save: async (recordings) =>
      await store.writing(
        async () => {
          for (const recording of recordings) {
            signal.throwIfAborted();
            await store.write(recording.scenario, recording.observation, originOf(recording, of));
          }
        },
        { signal },
      ),
  };
}

// Of the program that was recorded nothing is known but its name and what it did.
function originOf({ name, digest }: DigestedRecording, of: string): GoldenOrigin {
  return { kind: 'imported', identity: { kind: 'golden', name: of, digest, facts: { recording: name } } };
}
