import type { NewObject, ObjectId, ObjectStore } from '@baton/git';

/** Reads blobs of the repository and those that a plan made and that are in no repository yet. */
export interface BlobView {
  /** Makes new objects visible. */
  add(objects: Iterable<NewObject>): void;
  readBlob(id: ObjectId): Promise<Buffer>;
  readBlobs(ids: Iterable<ObjectId>): AsyncIterable<{ id: ObjectId; bytes: Buffer }>;
}

/** A view of one repository. */
export function blobView(store: ObjectStore): BlobView {
  const fresh = new Map<ObjectId, Buffer>();
  return {
    add(objects) {
      for (const { type, id, bytes } of objects) if (type === 'blob') fresh.set(id, Buffer.from(bytes));
    },
    readBlob: async (id) => fresh.get(id) ?? (await store.readBlob(id)),
    async *readBlobs(ids) {
      const stored: ObjectId[] = [];
      for (const id of ids) {
        const bytes = fresh.get(id);
        if (bytes === undefined) stored.push(id);
        else yield { id, bytes };
      }
      if (stored.length > 0) yield* store.readBlobs(stored);
    },
  };
}
