// Lines and blocks that trees and tables are drawn with, spaces that are none, characters that nobody sees, and marks
// that turn the direction of what follows.
const MISLEADING = /\p{Default_Ignorable_Code_Point}|\p{Bidi_Control}|[\u2028\u2029\u2500-\u259f]|(?! )\p{Zs}/gu;
const CONTROL = /[\u0000-\u001f\u007f-\u009f]/;
/** Characters of one annotation or label that are printed; JSON has all. */
const MOST = 400;

/**
 * Text of an image (annotations, labels, settings), which anybody can have written, for one place in a tree: text that
 * could be taken for structure (line ends, drawn lines, escapes, characters nobody sees, turned direction, space at its
 * ends) is put into quotes with these characters written out. Plain text stays as it is.
 */
export function foreignText(text: string): string {
  const odd =
    text.search(MISLEADING) >= 0 || CONTROL.test(text) || text !== text.trim() || text === '' || text.startsWith('"');
  return odd ? quotedText(text) : shortened(text, (part) => part);
}

/** The same, in quotes whatever it is: for items of a list. */
export function quotedText(text: string): string {
  return shortened(text, (part) =>
    JSON.stringify(part)
      .replace(MISLEADING, escaped)
      .replace(/[\u007f-\u009f]/g, escaped),
  );
}

function shortened(text: string, write: (part: string) => string): string {
  return text.length <= MOST ? write(text) : `${write(text.slice(0, MOST))} ... (${text.length} characters)`;
}

function escaped(character: string): string {
  const units = Array.from({ length: character.length }, (_, i) => character.charCodeAt(i));
  return units.map((unit) => `\\u${unit.toString(16).padStart(4, '0')}`).join('');
}
