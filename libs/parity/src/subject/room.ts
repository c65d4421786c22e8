import type { Below } from '../capture/tree-snapshot.ts';
import type { SubjectMount } from './subject-spec.ts';

/** The subject's own file system for one scenario. */
export interface Room {
  /** The subject's `/`, as this process sees it. What only a run mounts does not show here. */
  root: string;
  /** The same, as it is called where runs are started. */
  rootInside: string;
  /** The words that lead to where runs are started: none, or into the namespace in which `rootInside` is mounted. */
  enter: readonly string[];
  /** The layers that the tree lies on. */
  below?: Below;
  close(): Promise<void>;
}

/** How a subject is started in its room. */
export interface Launch {
  /** Program and first arguments, as seen inside. */
  command: readonly string[];
  mounts: readonly SubjectMount[];
  /** Environment variable for a frozen clock. */
  clock: string | undefined;
  /** Devices: `null` alone, as the recordings had it; or those that every container has. */
  devices: 'null' | 'container';
  /** Lays out what the room holds before the fixtures of a scenario. */
  lay(room: Room): Promise<void>;
}
