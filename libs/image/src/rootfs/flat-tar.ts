import { open } from 'node:fs/promises';
import { effect, writeAll } from '@baton/kernel';
import { type TarEntry, type TarReadEntry, writeTar } from '@baton/oci';

/** Everything that decides the bytes of the archive; a new number where they change. */
export const TAR_TOOL = 'baton tar 1';

/** Writes entries as a tar archive to a path that is absent. */
export async function writeFlatTar(entries: AsyncIterable<TarReadEntry>, path: string): Promise<void> {
  await effect('write', path, async () => {
    const handle = await open(path, 'wx', 0o600);
    try {
      for await (const chunk of writeTar(writable(entries))) await writeAll(handle, chunk);
    } finally {
      await handle.close();
    }
  });
}

async function* writable(entries: AsyncIterable<TarReadEntry>): AsyncGenerator<TarEntry> {
  for await (const { header, body } of entries) {
    yield header.type === 'file' ? { ...header, content: () => body } : header;
  }
}
