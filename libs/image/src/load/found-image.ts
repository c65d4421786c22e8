import type { ExportedBlobs } from '../exported-blobs.ts';
import type { StoredImage } from '../sparse-layout.ts';

/** An image that was found, its documents read, and a way to its layers. */
export interface FoundImage {
  kind: 'project' | 'layout' | 'registry';
  /** A reference, or the path of a layout. */
  name: string;
  image: StoredImage;
  blobs: ExportedBlobs;
  /** The repository that its names in an engine begin with, where it says one. */
  repository?: string | undefined;
  /** The tag that it was asked for under. */
  tag?: string | undefined;
}
