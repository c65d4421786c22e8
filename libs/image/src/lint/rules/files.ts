import type { Dockerfile, Stage } from '../dockerfile.ts';
import { expand } from '../expand.ts';
import { flagOf, type Instruction, type Word } from '../instruction.ts';
import type { Hit, Rule } from '../rule.ts';

/** `add-url`. */
export const addUrl: Rule = {
  code: 'add-url',
  severity: 'error',
  about: 'ADD fetches from the network, unchecked.',
  check: (file) =>
    adds(file).flatMap((each): Hit[] => {
      if (flagOf(each, 'checksum') !== undefined) return [];
      return sourcesOf(each)
        .filter(({ text }) => isRemote(text))
        .map(({ span }) => ({
          span,
          message: 'ADD takes whatever this address has at the time of the build',
          hint: 'Fetch it outside of the build and COPY it, or say ADD --checksum=sha256:... (BuildKit).',
        }));
    }),
};

/** `add-local`. */
export const addLocal: Rule = {
  code: 'add-local',
  severity: 'warning',
  about: 'ADD of local files, where COPY does the same without surprises.',
  check: (file) =>
    adds(file).flatMap((each): Hit[] => {
      const sources = sourcesOf(each);
      if (sources.length === 0 || sources.some(({ text }) => isRemote(text) || isArchive(text))) return [];
      const message = 'ADD unpacks archives and fetches addresses; here it only copies';
      return [{ span: each.keywordSpan, message, hint: 'Write COPY.' }];
    }),
};

/** `copy-all`. */
export const copyAll: Rule = {
  code: 'copy-all',
  severity: 'warning',
  about: 'COPY of the whole context, and there is no .dockerignore.',
  check: (file, { ignoreFile }) => {
    if (ignoreFile !== false) return [];
    return all(file).flatMap((each): Hit[] => {
      if (!['COPY', 'ADD'].includes(each.keyword) || flagOf(each, 'from') !== undefined) return [];
      const whole = sourcesOf(each).find(({ text }) => ['.', './', '/', '*', './*'].includes(text));
      if (whole === undefined) return [];
      const message =
        'this copies the whole context (.git, node_modules, local settings), for no .dockerignore names any';
      return [{ span: whole.span, message, hint: 'Write a .dockerignore, or copy only what the image needs.' }];
    });
  },
};

/** `workdir-relative`. */
export const workdirRelative: Rule = {
  code: 'workdir-relative',
  severity: 'warning',
  about: 'WORKDIR is relative to whatever the base says.',
  check: (file) =>
    file.stages.flatMap((stage) => {
      let isKnown = stage.base.kind !== 'image';
      return stage.instructions.flatMap((each): Hit[] => {
        if (each.keyword !== 'WORKDIR') return [];
        const path = expand(each.words.map(({ text }) => text).join(' '), each.scope, file.escapeChar);
        if (path === undefined || path === '') return [];
        const wasKnown = isKnown;
        isKnown ||= isAbsolute(path);
        if (wasKnown || isAbsolute(path)) return [];
        const message = `WORKDIR ${path} is relative to a place that only the base knows`;
        return [{ span: each.span, message, hint: 'Write the whole path.' }];
      });
    }),
};

/** `volume-write`. */
export const volumeWrite: Rule = {
  code: 'volume-write',
  severity: 'error',
  about: 'A step writes below a path that is a VOLUME already; the write is lost.',
  check: (file) => {
    const volumes = new Map<Stage, { path: string; line: number }[]>();
    return file.stages.flatMap((stage) => {
      const declared = stage.base.kind === 'stage' ? [...(volumes.get(stage.base.stage) ?? [])] : [];
      volumes.set(stage, declared);
      return stage.instructions.flatMap((each): Hit[] => {
        if (each.isTrigger) return [];
        if (each.keyword === 'VOLUME') {
          const line = file.source.position(each.span.start).line + 1;
          for (const text of each.json ?? each.words.map((word) => word.text)) {
            const path = expand(text, each.scope, file.escapeChar)?.replace(/\/+$/, '');
            if (path !== undefined && isAbsolute(path)) declared.push({ path, line });
          }
        }
        const hit = declared.find(({ path }) => writesBelow(each, path, file.escapeChar));
        if (hit === undefined) return [];
        const message = `${each.keyword} writes below ${hit.path}, a VOLUME since line ${hit.line}: the classic builder drops it, a mount hides it`;
        return [
          {
            span: each.keywordSpan,
            message,
            hint: 'Write first and declare the VOLUME afterwards, or write elsewhere.',
          },
        ];
      });
    });
  },
};

function writesBelow(each: Instruction, volume: string, escapeChar: string): boolean {
  if (each.keyword === 'COPY' || each.keyword === 'ADD') {
    const to = expand(each.json?.at(-1) ?? each.words.at(-1)?.text ?? '', each.scope, escapeChar);
    return to !== undefined && (to === volume || to.startsWith(`${volume}/`));
  }
  if (each.keyword !== 'RUN') return false;
  const named = volume.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`(?<![\\w./-])${named}(?=$|[\\s/;&|"')])`).test(each.rest.text);
}

function adds(file: Dockerfile): Instruction[] {
  return all(file).filter(({ keyword }) => keyword === 'ADD');
}

function all(file: Dockerfile): Instruction[] {
  return file.stages.flatMap(({ instructions }) => instructions);
}

/** What COPY and ADD take; the last word is where to. A heredoc brings its own text. */
function sourcesOf(each: Instruction): Word[] {
  const words = each.json?.map((text) => ({ text, span: each.span })) ?? each.words;
  return words.slice(0, -1).filter(({ text }) => !text.startsWith('<<'));
}

function isRemote(text: string): boolean {
  return /^(?:https?|git|ssh):\/\/|^git@/i.test(text);
}

function isArchive(text: string): boolean {
  return /\.(?:tar|tgz|txz|tbz2?|tzst|tar\.\w+)$/i.test(text) || text.includes('$');
}

function isAbsolute(path: string): boolean {
  return path.startsWith('/') || /^[A-Za-z]:[\\/]/.test(path);
}
