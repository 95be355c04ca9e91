import type { StatementVerification } from '../../verifier/index.ts'

/**
 * Whether a QR code is the word of whoever issued the licence it names: anybody with a listed key can sign the name of any licence. Whether
 * the licence, or the copy, counts now is another question.
 */
export const isIssuersCode = ({
  statement,
  findings,
}: Pick<StatementVerification, 'statement' | 'findings'>): boolean =>
  statement !== null &&
  findings.every(({ check, outcome }) => !OF_ORIGIN.has(check) || outcome === 'passed' || outcome === 'info')

const OF_ORIGIN: ReadonlySet<StatementVerification['findings'][number]['check']> = new Set([
  'statement',
  'issuer',
  'register',
])
