import { stripVTControlCharacters } from 'node:util';

const ZERO = /^[\p{Mn}\p{Me}\p{Cf}]$/u;
// Scripts and forms that terminals draw in two columns (Unicode Annex 11, classes W and F).
const WIDE =
  /^[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Emoji_Presentation}\u3000-\u303e\uff01-\uff60\uffe0-\uffe6]$/u;
const ASCII = /^[\x20-\x7e]*$/;

/** How many columns a terminal needs for text; colour codes count as nothing. */
export function displayWidth(text: string): number {
  if (ASCII.test(text)) return text.length;
  let width = 0;
  for (const character of stripVTControlCharacters(text)) {
    width += ZERO.test(character) ? 0 : WIDE.test(character) ? 2 : 1;
  }
  return width;
}

/** Cuts plain text (no colour codes) to at most `width` columns, with `…` where something was cut. */
export function fitText(text: string, width: number): string {
  if (displayWidth(text) <= width) return text;
  if (width < 1) return '';
  let out = '';
  let used = 0;
  for (const character of text) {
    const next = displayWidth(character);
    if (used + next > width - 1) break;
    out += character;
    used += next;
  }
  return `${out}…`;
}

/**
 * Makes text safe for one line of a terminal: control characters, among them line ends and the escape that starts cursor
 * codes, and those that turn the direction of writing become `\n`, `\x1b` and the like. Names of files and answers of registries are not ours to trust.
 */
export function visibleText(text: string): string {
  return text.replace(
    /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g,
    (character) => {
      if (character === '\n') return '\\n';
      if (character === '\t') return ' ';
      const code = character.codePointAt(0) ?? 0;
      return code < 256 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u${code.toString(16).padStart(4, '0')}`;
    },
  );
}
