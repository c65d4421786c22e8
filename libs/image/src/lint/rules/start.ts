import { type Dockerfile, effective } from '../dockerfile.ts';
import { expand } from '../expand.ts';
import type { LintFacts } from '../finding.ts';
import type { Instruction } from '../instruction.ts';
import type { Hit, Rule } from '../rule.ts';

/** `start-shell-form`. */
export const startShellForm: Rule = {
  code: 'start-shell-form',
  severity: 'error',
  about: 'ENTRYPOINT or CMD starts a shell, which keeps signals from the agent.',
  check: (file) =>
    file.stages.flatMap(({ instructions }) =>
      instructions.flatMap((each): Hit[] => {
        const { keyword, keywordSpan: span, json, rest } = each;
        if (!isStart(each) || rest.text.trim() === '') return [];
        const script = json === undefined ? rest.text : scriptOf(json);
        // "exec" puts the program in the place of the shell.
        if (script === undefined || /^\s*exec\s/.test(script)) return [];
        const hint = `Write ${keyword} ["/path/to/program", "argument"]: an upgrade then ends the agent with SIGTERM.`;
        if (json === undefined && rest.text.startsWith('[')) {
          const message = `${keyword} looks like a list and is none that engines can read, so a shell gets it as text`;
          return [{ span, message, hint: 'Use double quotes around each string, and no comma at the end.' }];
        }
        const message = `${keyword} starts a shell, which does not pass signals on to the agent`;
        return [{ span, message, hint }];
      }),
    ),
};

/** `start-repeated`. */
export const startRepeated: Rule = {
  code: 'start-repeated',
  severity: 'warning',
  about: 'A stage has several ENTRYPOINT or CMD; only the last one counts.',
  check: ({ stages, source }) =>
    stages.flatMap(({ instructions }) =>
      ['ENTRYPOINT', 'CMD'].flatMap((keyword): Hit[] => {
        const all = instructions.filter((each) => each.keyword === keyword && !each.isTrigger);
        return all.slice(0, -1).map(({ keywordSpan: span }) => {
          const line = source.position(all.at(-1)?.span.start ?? 0).line + 1;
          const message = `this ${keyword} has no effect: the one in line ${line} takes its place`;
          return { span, message, hint: 'Remove it.' };
        });
      }),
    ),
};

/** `start-missing`. */
export const startMissing: Rule = {
  code: 'start-missing',
  severity: 'warning',
  about: 'The image has neither ENTRYPOINT nor CMD of its own.',
  wholeFile: true,
  check: (file, { entrypoint }) => {
    const start = startOf(file);
    if (entrypoint !== undefined || start.entrypoint !== undefined || start.cmd !== undefined) return [];
    const message = 'the image says nothing about what it starts: there is no ENTRYPOINT and no CMD';
    return [{ span: file.final.from.keywordSpan, message, hint: 'Add ENTRYPOINT ["/path/to/program"].' }];
  },
};

/** `start-differs`. */
export const startDiffers: Rule = {
  code: 'start-differs',
  severity: 'error',
  about: 'ENTRYPOINT or CMD is another than agent.yaml says.',
  wholeFile: true,
  check: (file, facts) => {
    const start = startOf(file);
    return [...differs(file, facts, 'entrypoint', start.entrypoint), ...differs(file, facts, 'cmd', start.cmd)];
  },
};

function differs(file: Dockerfile, facts: LintFacts, key: 'entrypoint' | 'cmd', found: Instruction | undefined): Hit[] {
  const wanted = facts[key];
  if (wanted === undefined) return [];
  const keyword = key.toUpperCase();
  const hint = `Write ${keyword} ${JSON.stringify(wanted)}, or correct image.${key} in agent.yaml.`;
  if (found === undefined) {
    const message = `agent.yaml says ${key} ${JSON.stringify(wanted)}, and there is no ${keyword}`;
    return [{ span: file.final.from.keywordSpan, message, hint }];
  }
  const has = found.json ?? ['/bin/sh', '-c', found.rest.text];
  if (JSON.stringify(has) === JSON.stringify(wanted)) return [];
  const message = `agent.yaml says ${key} ${JSON.stringify(wanted)}, and this one is ${JSON.stringify(has)}`;
  return [{ span: found.keywordSpan, message, hint }];
}

/** What the image starts. An ENTRYPOINT takes an inherited CMD away (Dockerfile reference). */
function startOf(file: Dockerfile): { entrypoint?: Instruction | undefined; cmd?: Instruction | undefined } {
  let entrypoint: Instruction | undefined;
  let cmd: Instruction | undefined;
  for (const stage of file.chain) {
    const inherited = cmd;
    for (const each of stage.instructions) {
      if (each.isTrigger) continue;
      if (each.keyword === 'CMD') cmd = each;
      if (each.keyword !== 'ENTRYPOINT') continue;
      entrypoint = each;
      if (cmd === inherited) cmd = undefined;
    }
  }
  return { entrypoint, cmd };
}

function isStart({ keyword, isTrigger }: Instruction): boolean {
  return !isTrigger && (keyword === 'ENTRYPOINT' || keyword === 'CMD');
}

/** The script that a list hands to a shell: `["sh", "-c", "..."]`. */
function scriptOf(list: readonly string[]): string | undefined {
  const [program = '', flag = '', script] = list;
  return /(?:^|\/)(?:ba|da|a|z|k)?sh$/.test(program) && /^-\w*c$/.test(flag) ? script : undefined;
}

/** `user-differs`. */
export const userDiffers: Rule = {
  code: 'user-differs',
  severity: 'error',
  about: 'USER is missing, or another than agent.yaml says.',
  wholeFile: true,
  check: (file, { user }) => {
    if (user === undefined) return [];
    const found = effective(file).findLast((each) => each.keyword === 'USER');
    const hint = `Write USER ${user}, or correct image.user in agent.yaml.`;
    if (found === undefined) {
      // On nothing, nobody but root can be it.
      if (file.chain[0]?.base.kind === 'scratch' && isRoot(user)) return [];
      const message = `agent.yaml says that the agent runs as ${user}, and there is no USER`;
      return [{ span: file.final.from.keywordSpan, message, hint }];
    }
    const has = expand(found.rest.text.trim(), found.scope, file.escapeChar);
    if (has === undefined || has === user || (isRoot(has) && isRoot(user))) return [];
    const message = `agent.yaml says that the agent runs as ${user}, and this is ${has}`;
    return [{ span: found.span, message, hint }];
  },
};

function isRoot(user: string): boolean {
  return /^(?:0|root)(?::(?:0|root))?$/.test(user);
}
