export { type LintOptions, type LintProfile, lint } from './lint.ts'
export { lintCrl } from './lint-crl.ts'
export type { LintCode, LintFinding, LintSeverity } from './rules.ts'
