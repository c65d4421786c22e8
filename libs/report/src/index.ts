export { chooseMode, type ReportMode } from './choose-mode.ts';
export { type ErrorDocument, errorDocument, type ResultDocument, renderError, resultDocument } from './error.ts';
export { type HtmlPage, type HtmlState, htmlPage } from './html-page.ts';
export { type HtmlRow, htmlFacts, htmlOutput, htmlSection, htmlTable, htmlText, htmlTree } from './html-parts.ts';
export { type Html, type HtmlValue, html } from './html-text.ts';
export { createReporter, type Reporter, type ReporterOptions } from './reporter.ts';
export { type Align, type TableOptions, table } from './table.ts';
export { displayWidth, fitText, visibleText } from './text-width.ts';
export { type TreeNode, tree } from './tree.ts';
