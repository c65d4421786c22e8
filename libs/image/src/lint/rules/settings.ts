import { posix } from 'node:path';
import { type Dockerfile, effective } from '../dockerfile.ts';
import { expand } from '../expand.ts';
import type { LintFacts } from '../finding.ts';
import type { Hit, Rule } from '../rule.ts';

/** `settings-differ`. */
export const settingsDiffer: Rule = {
  code: 'settings-differ',
  severity: 'error',
  about: 'ENV, WORKDIR or VOLUME is missing, or says another thing than agent.yaml.',
  wholeFile: true,
  check: (file, facts) => [...environment(file, facts), ...workdir(file, facts), ...volumes(file, facts)],
};

function environment(file: Dockerfile, { env = {} }: LintFacts): Hit[] {
  const set = effective(file).flatMap((each) =>
    each.keyword === 'ENV' ? each.properties.map((property) => ({ property, scope: each.scope })) : [],
  );
  return Object.entries(env).flatMap(([name, wanted]): Hit[] => {
    const hint = `Write ENV ${name}=..., or correct image.env in agent.yaml.`;
    const found = set.findLast(({ property }) => property.name === name);
    if (found === undefined) return [missing(file, `agent.yaml sets ${name}, and there is no ENV ${name}`, hint)];
    const has = expand(found.property.value ?? '', found.scope, file.escapeChar);
    if (has === undefined || has === wanted) return [];
    // Neither value is shown: either may be nobody's business.
    return [{ span: found.property.nameSpan, message: `agent.yaml sets ${name} to another value`, hint }];
  });
}

function workdir(file: Dockerfile, { workdir: wanted }: LintFacts): Hit[] {
  if (wanted === undefined) return [];
  const hint = `Write WORKDIR ${wanted}, or correct image.workdir in agent.yaml.`;
  const all = effective(file).filter(({ keyword }) => keyword === 'WORKDIR');
  const last = all.at(-1);
  if (last === undefined) {
    return [missing(file, `agent.yaml says that the agent starts in ${wanted}, and there is no WORKDIR`, hint)];
  }
  let has: string | undefined = '/';
  for (const { words, scope } of all) {
    const path = expand(words.map(({ text }) => text).join(' '), scope, file.escapeChar);
    has = path === undefined || has === undefined ? undefined : posix.resolve(has, path);
  }
  if (has === undefined || has === posix.resolve('/', wanted)) return [];
  return [{ span: last.span, message: `agent.yaml says that the agent starts in ${wanted}, and this is ${has}`, hint }];
}

function volumes(file: Dockerfile, { volumes: wanted = [] }: LintFacts): Hit[] {
  const declared = effective(file).flatMap(({ keyword, json, words, scope }) =>
    keyword === 'VOLUME'
      ? (json ?? words.map(({ text }) => text)).map((text) => expand(text, scope, file.escapeChar))
      : [],
  );
  if (declared.includes(undefined)) return [];
  return wanted
    .filter((path) => !declared.includes(path))
    .map((path) => {
      const hint = `Write VOLUME ["${path}"] at the end, or correct image.volumes in agent.yaml.`;
      return missing(file, `agent.yaml says that ${path} is a volume, and there is no VOLUME ${path}`, hint);
    });
}

function missing({ final }: Dockerfile, message: string, hint: string): Hit {
  return { span: final.from.keywordSpan, message, hint };
}
