import { parseAllDocuments } from 'yaml';
import { decodeSource } from './data/source-text.ts';
import { scanDockerfile } from './docker/scan-dockerfile.ts';
import { type JsonFormat, parseJson } from './json/parse-json.ts';
import { parseMakefile } from './make/parse-makefile.ts';
import { parseToml } from './toml/parse-toml.ts';

/**
 * What is wrong with a file, judged by what its name says that it is: YAML, JSON, JSON with comments, JSON5, TOML, a Makefile or a
 * Dockerfile. Undefined for one that can be read, and for every other kind.
 */
export function documentFault(path: string, bytes: Uint8Array): string | undefined {
  const judge = judgeOf(path);
  try {
    return judge?.(bytes);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** The JSON that a file holds, by its name. */
export function jsonFormatOf(path: string): JsonFormat {
  if (path.endsWith('.json5')) return 'json5';
  // Editors' and TypeScript's own files have comments under the plain name.
  const commented = /(^|\/)(\.vscode\/[^/]*|[jt]sconfig[^/]*|\.devcontainer[^/]*|devcontainer|\.eslintrc)\.json$/;
  return path.endsWith('.jsonc') || commented.test(path) ? 'jsonc' : 'json';
}

function judgeOf(path: string): ((bytes: Uint8Array) => string | undefined) | undefined {
  const name = path.slice(path.lastIndexOf('/') + 1);
  if (/\.ya?ml$/i.test(name)) return yamlFault;
  if (/\.(json|jsonc|json5)$/.test(name)) {
    return (bytes) => {
      parseJson(decodeSource(bytes), jsonFormatOf(path));
      return undefined;
    };
  }
  if (name.endsWith('.toml')) {
    return (bytes) => {
      parseToml(decodeSource(bytes));
      return undefined;
    };
  }
  if (/^(GNU)?[Mm]akefile$|\.mk$/.test(name)) return makeFault;
  if (/^(Docker|Container)file(\..+)?$|\.([Dd]ocker|[Cc]ontainer)file$/.test(name)) return dockerFault;
  return undefined;
}

function yamlFault(bytes: Uint8Array): string | undefined {
  const documents = parseAllDocuments(decodeSource(bytes), { prettyErrors: false, logLevel: 'silent' });
  for (const { errors } of documents) if (errors[0] !== undefined) return errors[0].message;
  return undefined;
}

function makeFault(bytes: Uint8Array): string | undefined {
  let open = 0;
  const { text, nodes } = parseMakefile(bytes);
  for (const node of nodes) {
    const { kind, start, first } = node;
    // Where a line with a tab is no recipe, make ends: "recipe commences before first target".
    if (kind === 'other' && text[start] === '\t') return `line ${first + 1}: a recipe line that belongs to no rule`;
    const word = kind === 'conditional' ? node.words[0]?.text : undefined;
    if (word?.startsWith('if') === true) open += 1;
    if (word?.startsWith('endif') === true) open -= 1;
    if (open < 0) return `line ${first + 1}: an endif without its if`;
  }
  return open === 0 ? undefined : 'a conditional without its endif';
}

// Those that BuildKit knows: anything else ends a build with "unknown instruction".
const INSTRUCTIONS = new Set(
  'ADD ARG CMD COPY ENTRYPOINT ENV EXPOSE FROM HEALTHCHECK LABEL MAINTAINER ONBUILD RUN SHELL STOPSIGNAL USER VOLUME WORKDIR'.split(
    ' ',
  ),
);

function dockerFault(bytes: Uint8Array): string | undefined {
  const { instructions } = scanDockerfile(bytes);
  for (const { keyword, first, logical } of instructions) {
    if (!INSTRUCTIONS.has(keyword)) return `line ${first + 1}: no instruction is called ${keyword}`;
    if (logical.trim() === '') return `line ${first + 1}: ${keyword} without arguments`;
  }
  const first = instructions.find(({ keyword }) => keyword !== 'ARG');
  return first === undefined || first.keyword === 'FROM' ? undefined : `line ${first.first + 1}: expected FROM`;
}
