import { nearest } from '@baton/kernel';
import { allInstructions, type Comment, type Dockerfile } from './dockerfile.ts';
import type { Allowed, Severity } from './finding.ts';
import type { Hit, Rule } from './rule.ts';

/** A rule's hit before it is judged. */
export interface RuleHit {
  rule: Rule;
  hit: Hit;
}

/** What is left when the comments that allow something were heard. */
export interface Judged {
  hits: RuleHit[];
  allowed: (Omit<Allowed, 'line' | 'column'> & { hit: Hit })[];
  /** About the comments themselves. */
  remarks: { code: string; severity: Severity; hit: Hit }[];
}

interface Allowance {
  comment: Comment;
  code: string;
  reason: string;
  /** The instruction below, by the offset where it starts; undefined where there is none right below. */
  below: { start: number; end: number } | undefined;
  isTop: boolean;
  used: boolean;
}

const FORM = 'Write it as: # baton: allow RULE why it is right here';

/**
 * Takes out what comments allow: `# baton: allow RULE reason`.
 *
 * One stands in the comment lines right above an instruction and is about what was found in it; in front of the first
 * instruction it is also about what was found of the file as a whole. One that has no reason, names no rule or allows
 * nothing is found itself, so that none is left over when the file changes.
 */
export function judge(file: Dockerfile, hits: readonly RuleHit[], rules: readonly Rule[]): Judged {
  const judged: Judged = { hits: [], allowed: [], remarks: [] };
  const allowances = read(file, rules, judged);
  for (const each of hits) {
    const match = allowances.find(
      ({ code, below, isTop }) =>
        code === each.rule.code &&
        ((isTop && each.rule.wholeFile === true) ||
          (below !== undefined && below.start <= each.hit.span.start && each.hit.span.start < below.end)),
    );
    if (match === undefined) {
      judged.hits.push(each);
      continue;
    }
    match.used = true;
    judged.allowed.push({ code: each.rule.code, reason: match.reason, hit: each.hit });
  }
  for (const { used, comment, code } of allowances) {
    if (used) continue;
    const message = `this allows ${code}, and nothing of that kind is found here`;
    const hint = 'Remove it, or put it right above the instruction that it is about.';
    judged.remarks.push({ code: 'allow-unused', severity: 'warning', hit: { span: comment.span, message, hint } });
  }
  return judged;
}

function read(file: Dockerfile, rules: readonly Rule[], judged: Judged): Allowance[] {
  const codes = rules.map(({ code }) => code);
  const instructions = allInstructions(file).filter(({ isTrigger }) => !isTrigger);
  const startLines = new Map(instructions.map((each) => [file.source.position(each.span.start).line, each.span]));
  const commentLines = new Set(file.comments.map(({ line }) => line));
  const firstLine = Math.min(...startLines.keys());
  const remark = (code: string, { span }: Comment, message: string, hint: string): [] => {
    judged.remarks.push({ code, severity: 'warning', hit: { span, message, hint } });
    return [];
  };
  return file.comments.flatMap((comment): Allowance[] => {
    const match = /^baton:\s*(\S*)\s*(\S*)\s*(.*)$/is.exec(comment.text);
    if (match === null) return [];
    const [, verb = '', code = '', reason = ''] = match;
    if (verb !== 'allow') return remark('allow-unknown', comment, `"baton: ${verb}" means nothing`, FORM);
    if (!codes.includes(code)) {
      const close = nearest(code, codes);
      const hint = close === undefined ? `Rules are ${codes.join(', ')}.` : `Did you mean ${close}?`;
      return remark('allow-unknown', comment, `there is no rule "${code}"`, hint);
    }
    if (!/[\p{L}\p{N}]/u.test(reason)) {
      return remark('allow-reason', comment, `this allows ${code} without saying why, so it does not count`, FORM);
    }
    let line = comment.line + 1;
    while (commentLines.has(line)) line += 1;
    const below = startLines.get(line);
    return [{ comment, code, reason: reason.trim(), below, isTop: comment.line < firstLine, used: false }];
  });
}
