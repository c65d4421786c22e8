/** The version of Baton, as in the root `package.json`: part of every statement, and of what a memory of a run depends on. */
export const VERSION = '0.1.0';
