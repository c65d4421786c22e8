import type { LoadedManifest } from '@baton/manifest';
import { compareObservations } from '../compare/compare-observations.ts';
import { openGoldens } from '../golden/golden-store.ts';
import type { Subject } from '../model/observation.ts';
import type { Scenario } from '../model/scenario.ts';
import type { ParityResult } from '../model/verdict.ts';
import { writeReports } from '../report/write-reports.ts';
import { loadSuite } from '../scenario/load-suite.ts';
import type { Compare } from '../selftest/self-test.ts';
import { createSubject } from '../subject/create-subject.ts';
import type { SubjectSpec } from '../subject/subject-spec.ts';
import type { ParityIo } from './parity-io.ts';

/** The rooms that a run puts together; a test may put fakes in their place. */
export interface ParityParts {
  loadSuite(directory: string): Promise<Scenario[]>;
  openSubject(spec: SubjectSpec, io: ParityIo): Promise<Subject>;
  /** Ids of the goldens in a directory. */
  goldenIds(directory: string): Promise<string[]>;
  compare: Compare;
  /** Writes the reports of a result into its evidence directory. */
  writeReports(
    result: ParityResult,
    place: { directory: string; project: LoadedManifest },
    io: ParityIo,
  ): Promise<void>;
}

/** The rooms of this library. */
export const parityParts: ParityParts = {
  loadSuite,
  compare: compareObservations,
  goldenIds: async (directory) => await openGoldens(directory).ids(),
  openSubject: async (spec, io) =>
    await createSubject(spec, {
      emit: io.emit,
      signal: io.signal,
      env: io.env,
      openImage: io.openImage,
      engine: io.engine,
    }),
  writeReports: async (result, { directory }, { env }) => void (await writeReports(result, { directory, env })),
};
