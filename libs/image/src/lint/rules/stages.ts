import { allInstructions, type Dockerfile } from '../dockerfile.ts';
import { variableSpans } from '../instruction.ts';
import type { Hit, Rule } from '../rule.ts';

const KEYWORDS = new Set(
  (
    'ADD ARG CMD COPY ENTRYPOINT ENV EXPOSE FROM HEALTHCHECK LABEL MAINTAINER ONBUILD RUN SHELL STOPSIGNAL USER ' +
    'VOLUME WORKDIR'
  ).split(' '),
);

/** `instruction-invalid`. */
export const instructionInvalid: Rule = {
  code: 'instruction-invalid',
  severity: 'error',
  about: 'An instruction that engines do not know, that has nothing behind it, or stands in front of FROM.',
  check: (file) => {
    const early = new Set(file.initial);
    return allInstructions(file).flatMap((each): Hit[] => {
      const { keyword, keywordSpan: span } = each;
      if (!KEYWORDS.has(keyword)) {
        return [{ span, message: `${keyword} is no instruction`, hint: 'Correct it, or continue the line above.' }];
      }
      if (early.has(each) && keyword !== 'ARG') {
        const message = `${keyword} stands in front of the first FROM, where only ARG may`;
        return [{ span, message, hint: 'Move it into a stage.' }];
      }
      if (each.rest.text.trim() !== '') return [];
      return [{ span, message: `${keyword} says nothing`, hint: 'Complete it, or remove it.' }];
    });
  },
};

/** `stage-duplicate`. */
export const stageDuplicate: Rule = {
  code: 'stage-duplicate',
  severity: 'error',
  about: 'Two stages have one name.',
  check: ({ stages, source }) => {
    const seen = new Map<string, number>();
    return stages.flatMap(({ name, nameSpan, from }): Hit[] => {
      if (name === undefined) return [];
      const first = seen.get(name);
      if (first === undefined) seen.set(name, source.position(from.span.start).line + 1);
      if (first === undefined) return [];
      const message = `the stage "${name}" exists already, in line ${first}`;
      return [{ span: nameSpan ?? from.span, message, hint: 'Give one of them another name.' }];
    });
  },
};

/** `stage-unused`. */
export const stageUnused: Rule = {
  code: 'stage-unused',
  severity: 'warning',
  about: 'A stage that nothing is built on and nothing is taken from.',
  check: (file) => {
    const used = usedStages(file);
    return file.stages.flatMap((stage): Hit[] => {
      // What comes behind the stage to build is for other targets.
      if (used.has(stage.index) || stage.index > file.final.index) return [];
      const span = stage.nameSpan ?? stage.from.keywordSpan;
      const name = stage.name === undefined ? `${stage.index + 1}` : `"${stage.name}"`;
      const message = `nothing is taken from the stage ${name}`;
      return [{ span, message, hint: 'Remove it, or name it where it is meant to be used (COPY --from, FROM).' }];
    });
  },
};

/** `arg-undefined`. */
export const argUndefined: Rule = {
  code: 'arg-undefined',
  severity: 'error',
  about: 'A variable that has no value where it is used: declared later, or only in front of FROM.',
  check: (file, { args = {} }) =>
    file.stages.flatMap((stage): Hit[] => {
      const later = new Set(
        stage.instructions.flatMap((each) => (each.keyword === 'ARG' ? each.properties.map(({ name }) => name) : [])),
      );
      return [stage.from, ...stage.instructions].flatMap((each) =>
        variableSpans(each, file.escapeChar).flatMap(({ name, hasDefault, span }): Hit[] => {
          if (hasDefault || each.scope.has(name)) return [];
          if (each === stage.from) {
            const message = `${name} is no argument in front of the first FROM`;
            return [{ span, message, hint: `Put "ARG ${name}=..." above the first FROM.` }];
          }
          if (each.keyword === 'RUN' && setsItself(each.rest.text, name)) return [];
          if (later.has(name)) {
            const message = `${name} is used above its ARG, so it is empty here`;
            return [{ span, message, hint: `Move "ARG ${name}" above this line.` }];
          }
          if (!file.globals.has(name) && args[name] === undefined) return [];
          const message = `${name} is declared in front of FROM and not in this stage, so it is empty here`;
          return [{ span, message, hint: `Put "ARG ${name}" into this stage: it takes the value over.` }];
        }),
      );
    }),
};

function setsItself(script: string, name: string): boolean {
  return new RegExp(`(?:\\b${name}=|\\b(?:for|read(?:\\s+-\\w+)*)\\s+(?:\\w+\\s+)*${name}\\b)`).test(script);
}

/** The stages that the final one needs, by index. */
export function usedStages({ stages, final }: Pick<Dockerfile, 'stages' | 'final'>): Set<number> {
  const used = new Set<number>();
  const open = [final];
  for (let stage = open.pop(); stage !== undefined; stage = open.pop()) {
    if (used.has(stage.index)) continue;
    used.add(stage.index);
    if (stage.base.kind === 'stage') open.push(stage.base.stage);
    for (const { flags } of stage.instructions) {
      for (const { name, value } of flags) {
        const from = name === 'from' ? value : name === 'mount' ? /(?:^|,)from=([^,]+)/.exec(value)?.[1] : undefined;
        if (from === undefined) continue;
        const { index } = stage;
        const other = stages.find((each) => each.name === from.toLowerCase() || String(each.index) === from);
        if (other !== undefined && other.index < index) open.push(other);
      }
    }
  }
  return used;
}
