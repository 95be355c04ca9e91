/**
 * A report for reading and filing: one HTML page, and XML of ETSI TS 119 102-2. (JSON is the report itself; PDF is behind `verifier/http`,
 * which may draw.)
 *
 * It judges nothing: what is not in the report is not told. Invariants: the same report gives the same text; what others wrote (names,
 * fields, sentences) is content and never markup; what is laid out carries no controls and is of bounded length.
 */
export type { AnyReport, ReportFacts } from './facts.ts'
export { type OutlineRow, type OutlineSection, outlineReport, type ReportOutline, type Tone } from './outline.ts'
export { renderReportHtml } from './report-html.ts'
export { renderReportXml } from './report-xml.ts'
