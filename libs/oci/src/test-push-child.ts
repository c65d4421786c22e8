import { registerHooks } from 'node:module';

// Pushes one small blob and a manifest to the registry at argv[2], and prints the modules of this room that it loaded.
const loaded: string[] = [];
registerHooks({
  load(url, context, next) {
    const name = /\/libs\/oci\/src\/([\w-]+)\.ts$/.exec(url)?.[1] ?? /^node:(?:https|tls|dns)$/.exec(url)?.[0];
    if (name !== undefined) loaded.push(name);
    return next(url, context);
  },
});
const { connectRegistry } = await import('./registry-client.ts');
const { streamOf, tinyImage } = await import('@baton/testkit');
const client = connectRegistry(process.argv[2] ?? '');
const image = tinyImage();
for (const blob of [image.config, image.layer]) await client.putBlob('acme/app', blob, streamOf(blob.bytes));
await client.putManifest('acme/app', 'v1', image.manifest, image.mediaType);
client.close();
process.stdout.write(JSON.stringify({ loaded, requests: client.stats.requests }));
