import { BatonError } from '@baton/kernel';
import { connectRegistry, DOCUMENT_LIMIT, dockerCredentials, openLayout, parseReference } from '@baton/oci';
import type { ImageSource, ImageSpec, SubjectOptions } from './subject-spec.ts';

/**
 * Opens the image that a spec names. Errors: `SUBJECT_NOT_FOUND` (no layout there), `IMAGE_INVALID`, `USAGE` (a reference
 * without a digest), those of the registry.
 */
export async function openImageSource(spec: ImageSpec, options: SubjectOptions): Promise<ImageSource> {
  const found = await options.openImage?.(spec);
  if (found !== undefined) return found;
  if (spec.layout !== undefined) return await openDirectory(spec.layout);
  if (spec.reference !== undefined) return openReference(spec.reference, options);
  throw new BatonError('USAGE', 'an image subject is given by a layout or by a reference, and here is neither');
}

async function openDirectory(path: string): Promise<ImageSource> {
  const layout = await openLayout(path, { foreign: true }).catch((error: unknown) => {
    if (!(error instanceof BatonError) || error.code !== 'IMAGE_NOT_BUILT') throw error;
    throw new BatonError('SUBJECT_NOT_FOUND', `the subject is the image in ${path}, and there is none`, {
      hint: 'Build it first: nx run <project>:image, or baton image build <path>.',
      cause: error,
    });
  });
  const [top, ...more] = layout.index.manifests;
  if (top === undefined || more.length > 0) {
    throw new BatonError(
      'IMAGE_INVALID',
      `the layout ${path} names ${layout.index.manifests.length} images, expected one`,
    );
  }
  return {
    name: path,
    digest: top.digest,
    readDocument: ({ digest }) => layout.blobs.read(digest, DOCUMENT_LIMIT),
    async *open(descriptor) {
      if (!(await layout.blobs.has(descriptor.digest, descriptor.size))) {
        throw new BatonError('BLOB_MISSING', `the layout ${path} does not hold the layer ${descriptor.digest}`, {
          hint: "It may be a project's own layers only: baton image export makes it whole.",
        });
      }
      yield* layout.blobs.stream(descriptor.digest, descriptor.size);
    },
    close: () => undefined,
  };
}

function openReference(
  text: string,
  { env = process.env, emit = () => undefined, signal }: SubjectOptions,
): ImageSource {
  const { registry, repository, digest } = parseReference(text);
  if (digest === undefined) {
    throw new BatonError('USAGE', `expected an image reference with a digest, found ${text}`, {
      hint: 'A tag can move between two runs. Write it as name@sha256:...',
    });
  }
  const credentials = dockerCredentials(env);
  const client = connectRegistry(registry, { credentials, emit, env, ...(signal !== undefined && { signal }) });
  return {
    name: text,
    digest,
    async readDocument(wanted) {
      if (wanted.size === undefined) return (await client.getManifest(repository, wanted.digest)).bytes;
      const chunks: Uint8Array[] = [];
      for await (const chunk of client.getBlob(repository, { digest: wanted.digest, size: wanted.size }))
        chunks.push(chunk);
      return Buffer.concat(chunks);
    },
    open: (descriptor) => client.getBlob(repository, descriptor),
    close: () => client.close(),
  };
}
