import type { Plugin } from 'esbuild';

// dockerode brings along what libs/engine never calls: gRPC for a BuildKit session (the room has one of its own, without
// the .proto file that this one reads from its folder), ssh, a packer for contexts. Loading all of that takes longer than
// building an image, and its native parts cannot be bundled.
const HOME = /[\\/]node_modules[\\/](dockerode|docker-modem)[\\/]lib[\\/]/;

/** What is put in place of a module: source text, or a reason for which calling it is an error. */
const REPLACED: Readonly<Record<string, { source: string }>> = {
  './session': left('a BuildKit session of dockerode'),
  './buildkit': left("dockerode's reader of BuildKit messages"),
  './ssh': left('a connection over ssh'),
  'tar-fs': left("dockerode's packer"),
  // The transport inherits from it for terminals that are typed into.
  'readable-stream': { source: "module.exports = require('node:stream');" },
  // The transport formats every request, credentials included, for a log that only DEBUG=modem shows.
  debug: { source: 'module.exports = () => () => undefined;' },
  util: {
    source:
      "const { inherits, inspect: { custom } } = require('node:util'); module.exports = { inherits, inspect: Object.assign(() => '', { custom }) };",
  },
  // TLS is loaded for an engine that is reached over it.
  https: { source: "module.exports = { request: (...args) => require('node:https').request(...args) };" },
  zlib: { source: "module.exports = { createGzip: () => require('node:zlib').createGzip() };" },
};

function left(what: string): { source: string } {
  return {
    source: `module.exports = () => { throw new Error(${JSON.stringify(`${what} is not part of the bundle`)}); };`,
  };
}

/** An esbuild plugin that leaves out of dockerode and its transport what is never called. */
export function slimDockerode(): Plugin {
  return {
    name: 'slim-dockerode',
    setup(build) {
      const names = Object.keys(REPLACED).map((name) => name.replaceAll('.', '\\.'));
      build.onResolve({ filter: new RegExp(`^(${names.join('|')})$`) }, ({ path, importer }) =>
        HOME.test(importer) ? { path, namespace: 'slim-dockerode' } : undefined,
      );
      build.onLoad({ filter: /.*/, namespace: 'slim-dockerode' }, ({ path }) => ({
        contents: REPLACED[path]?.source ?? '',
        loader: 'js',
      }));
    },
  };
}
