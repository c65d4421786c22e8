import type { Dockerfile } from '../dockerfile.ts';
import type { Instruction } from '../instruction.ts';
import { type LogicalText, spanOf } from '../logical-text.ts';
import type { Hit, Rule } from '../rule.ts';
import type { Span } from '../source.ts';

// Bounded, so that no text makes them slow.
const INSTALL = /\bapt(?:-get)?\s+(?:(?:-o\s+\w[^\s]*=\S*|-\S+)\s+){0,20}install\b/g;
const UPDATE = /\bapt(?:-get)?\s+(?:(?:-o\s+\w[^\s]*=\S*|-\S+)\s+){0,20}update\b/;

/** `apt-update`. */
export const aptUpdate: Rule = {
  code: 'apt-update',
  severity: 'warning',
  about: 'apt-get update and install in different steps: the list comes out of a cache, the packages do not.',
  check: (file) =>
    runs(file.stages).flatMap((run): Hit[] => {
      const { text } = run.rest;
      if (hasMount(run, '/var/lib/apt')) return [];
      const installs = [...text.matchAll(INSTALL)].filter(
        ({ index, 0: found }) => !isLocal(text, index + found.length),
      );
      const update = UPDATE.exec(text);
      if (update === null && installs[0] !== undefined) {
        const message = 'installs from a package list that another step fetched, maybe months ago';
        return [{ span: at(run.rest, installs[0].index, installs[0][0]), message, hint: TOGETHER }];
      }
      if (update === null || [...text.matchAll(INSTALL)].length > 0 || /\b(?:dist-)?upgrade\b/.test(text)) return [];
      const message = 'fetches package lists in a step of its own, which stays in the cache when the next one changes';
      return [{ span: at(run.rest, update.index, update[0]), message, hint: TOGETHER }];
    }),
};

/** `apt-lists`. */
export const aptLists: Rule = {
  code: 'apt-lists',
  severity: 'warning',
  about: 'Package lists stay in the layer.',
  check: (file) =>
    runs(file.chain).flatMap((run): Hit[] => {
      const { text } = run.rest;
      const update = UPDATE.exec(text);
      if (update === null || hasMount(run, '/var/lib/apt') || /\brm\s+-[^;&|]{0,1000}\/var\/lib\/apt/.test(text))
        return [];
      const message = 'the package lists stay in the layer, some 20 MB that nobody needs';
      const hint = 'End the step with "&& rm -rf /var/lib/apt/lists/*".';
      return [{ span: at(run.rest, update.index, update[0]), message, hint }];
    }),
};

/** `apt-recommends`. */
export const aptRecommends: Rule = {
  code: 'apt-recommends',
  severity: 'warning',
  about: 'apt-get install without --no-install-recommends.',
  check: (file) =>
    runs(file.chain).flatMap((run): Hit[] => {
      const { text } = run.rest;
      if (/--no-install-recommends|APT::Install-Recommends/i.test(text)) return [];
      return [...text.matchAll(INSTALL)].map(({ index, 0: found }) => ({
        span: at(run.rest, index, found),
        message: 'installs what the packages recommend as well: more to ship, more to patch',
        hint: 'Add --no-install-recommends.',
      }));
    }),
};

const TOGETHER = 'Put both into one step: apt-get update && apt-get install -y --no-install-recommends ...';

/** `pipe-to-shell`. */
export const pipeToShell: Rule = {
  code: 'pipe-to-shell',
  severity: 'error',
  about: 'What is downloaded is run unread.',
  check: (file) =>
    runs(file.stages).flatMap((run): Hit[] => {
      const piped =
        /\b(?:curl|wget)\b[^;&|\n]{0,1000}(?:\|\s*(?:sudo\s+)?(?:env\s+(?:\w+=\S*\s+){0,20})?(?:\/\S*\/)?(?:ba|da|a|z|k)?sh\b|\|\s*(?:sudo\s+)?(?:python3?|node|perl|ruby)\b)/;
      const nested =
        /(?:\b(?:ba|da|z|k)?sh\s+-c\s+["']?|\b(?:ba|z)?sh\s+<|\beval\s+["']?|\bsource\s+<?)\s*[$<]?\(\s*(?:curl|wget)\b/;
      const { text } = run.rest;
      const found = piped.exec(text) ?? nested.exec(text);
      if (found === null) return [];
      const message = 'runs what it downloads without looking at it: the image is what that server says today';
      const hint = 'Download it to a file, check its sha256, then run it; or COPY it from the repository.';
      return [{ span: at(run.rest, found.index, found[0]), message, hint }];
    }),
};

/** `maintainer-old`. */
export const maintainerOld: Rule = {
  code: 'maintainer-old',
  severity: 'warning',
  about: 'MAINTAINER, which engines no longer want.',
  check: (file) =>
    file.stages.flatMap(({ instructions }) =>
      instructions
        .filter(({ keyword }) => keyword === 'MAINTAINER')
        .map(({ keywordSpan: span }) => ({
          span,
          message: 'MAINTAINER is deprecated, and no tool reads it',
          hint: 'Write LABEL org.opencontainers.image.authors=..., or image.labels in agent.yaml.',
        })),
    ),
};

/** Installing files that are at hand needs no list. */
function isLocal(text: string, from: number): boolean {
  const words = /^[^;&|\n]*/.exec(text.slice(from))?.[0].split(/\s+/) ?? [];
  const packages = words.filter((word) => word !== '' && !word.startsWith('-'));
  return packages.length > 0 && packages.every((word) => /^\.{0,2}\/|\.deb$/.test(word));
}

function hasMount(run: Instruction, target: string): boolean {
  return run.flags.some(
    ({ name, value }) => name === 'mount' && value.includes('type=cache') && value.includes(target),
  );
}

function runs(stages: Dockerfile['stages']): Instruction[] {
  return stages.flatMap(({ instructions }) => instructions.filter(({ keyword }) => keyword === 'RUN'));
}

// Its first line is enough to find it, and what is marked.
function at(rest: LogicalText, index: number, found: string): Span {
  return spanOf(rest, index, found.length);
}
