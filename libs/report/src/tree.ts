import { visibleText } from './text-width.ts';

/** A labelled node of a tree. */
export interface TreeNode {
  label: string;
  children?: readonly TreeNode[];
}

/** A tree in lines, the root first, each child under its parent with `├─` and `└─`; no final newline. */
export function tree(node: TreeNode): string {
  const lines = [visibleText(node.label)];
  const walk = (children: readonly TreeNode[], indent: string): void => {
    for (const [index, child] of children.entries()) {
      const last = index === children.length - 1;
      lines.push(`${indent}${last ? '└─' : '├─'} ${visibleText(child.label)}`);
      walk(child.children ?? [], `${indent}${last ? '   ' : '│  '}`);
    }
  };
  walk(node.children ?? [], '');
  return lines.join('\n');
}
