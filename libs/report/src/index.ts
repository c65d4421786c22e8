export { chooseMode, type ReportMode } from './choose-mode.ts';
export { type ErrorDocument, errorDocument, type ResultDocument, renderError, resultDocument } from './error.ts';
export { createReporter, type Reporter, type ReporterOptions } from './reporter.ts';
export { type Align, type TableOptions, table } from './table.ts';
export { displayWidth, fitText, visibleText } from './text-width.ts';
export { type TreeNode, tree } from './tree.ts';
