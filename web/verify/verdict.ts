import type { ReportChange, VerificationReport } from '../kit/api-types.ts'

/**
 * How a verdict looks. `genuine`: real and in force. `ended`: real, but not in force (revoked, suspended, expired …).
 * `forged`: changed, not sealed by us, or not entitled. `unsure`: not decidable now.
 */
export type VerdictTone = 'genuine' | 'ended' | 'forged' | 'unsure'

/** The tone of a report: a genuine document of a revoked licence must never look like a forgery, nor the reverse. */
export function verdictTone(report: VerificationReport): VerdictTone {
  if (report.verdict === 'accepted') return 'genuine'
  if (report.verdict === 'undecided') return 'unsure'
  const outcome = (question: string) => report.explanation.answers.find((a) => a.question === question)?.outcome
  const ended = outcome('seal') === 'yes' && outcome('issuer') !== 'no' && outcome('licence') === 'no'
  return ended ? 'ended' : 'forged'
}

/** Is this text worth sending as a QR statement: a web address with /Q/, or its bare path? Whitespace around is ignored. */
export function statementFrom(text: string): string | undefined {
  const compact = text.replace(/\s+/g, '')
  return /(^|\/)q\/[a-z2-7]{40,}$/i.test(compact) ? compact : undefined
}

/**
 * The statement whose QR code led to this page, in its one written form: codes always say https, also where a trial without TLS
 * is opened by http. What is cut short is asked about too, so that whoever scanned it reads a verdict.
 */
export function statementOfPage({ host, pathname }: { host: string; pathname: string }): string | undefined {
  return /^\/q\/./i.test(pathname) ? `https://${host}${pathname}` : undefined
}

/** `%PDF-` somewhere in the first kilobyte, as readers accept it. */
export function looksLikePdf(head: Uint8Array): boolean {
  const text = new TextDecoder('latin1').decode(head.subarray(0, 1024))
  return text.includes('%PDF-')
}

/** Kinds of later changes that prove or date the document and show nothing. */
const silentKinds = ['evidence-added', 'document-time-stamp-added', 'end-of-line-added']

/** What there is to show side by side: where the sealed document ends, and what was changed after it; null where nothing was. */
export function revisionsToCompare(
  report: VerificationReport,
): { readonly sealedLength: number; readonly changes: readonly ReportChange[] } | null {
  const seals = (report.signatures ?? []).filter(({ type, revisionEnd }) => type === 'signature' && revisionEnd)
  const changed = seals.findLast(({ changes }) => changes?.some(({ kind }) => !silentKinds.includes(kind)))
  if (!changed?.revisionEnd) return null
  return {
    sealedLength: changed.revisionEnd,
    changes: (changed.changes ?? []).filter(({ kind }) => !silentKinds.includes(kind)),
  }
}
