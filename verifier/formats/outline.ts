// A report as people read it, before it is a page: one order of headings, rows and notes for HTML and PDF alike.
import { statusWords, toShanghaiTime } from '../../licence-format/index.ts'
import { changeWords } from '../messages/changes.ts'
import type { Finding, SignatureReport, Text, Verdict } from '../report.ts'
import { shown } from '../shown.ts'
import type { AnyReport, ReportFacts } from './facts.ts'

export type Tone = 'good' | 'bad' | 'open' | 'plain'

export interface OutlineRow {
  readonly label: Text
  /** One text, or a sentence in both languages. Never trusted as markup. */
  readonly value: string | Text
  readonly tone: Tone
}

export interface OutlineSection {
  readonly heading: Text
  readonly rows: readonly OutlineRow[]
}

export interface ReportOutline {
  readonly title: Text
  readonly subject: string
  readonly verdict: Verdict
  readonly word: Text
  readonly sentence: Text
  readonly sections: readonly OutlineSection[]
  /** What the page is and is not. */
  readonly note: Text
}

/** Signatures and findings beyond these numbers are counted, not listed: a page is for reading, the JSON report has them all. */
const MOST_SIGNATURES = 100
const MOST_FINDINGS = 400
/** Characters of all signatures, and of all findings, that are set: names in them are their makers', and setting text is work. */
const MOST_CHARACTERS = 60_000
const MOST_CHANGES = 50

/** Lays out a report; what others wrote is shown on one line, without controls, of bounded length. */
export function outlineReport(report: AnyReport, facts: ReportFacts = {}): ReportOutline {
  const signatures = 'signatures' in report ? report.signatures : []
  const seals = takeShort(signatures.slice(0, MOST_SIGNATURES).map(signatureSection), ({ rows }) => lengthOf(rows))
  const checks = takeShort(report.findings.slice(0, MOST_FINDINGS).map(findingRow), (one) => lengthOf([one]))
  return {
    title: { zh: '电子证照核验报告', en: 'Verification report' },
    subject: shown('file' in report ? report.file : report.text),
    verdict: report.verdict,
    word: report.explanation.word,
    sentence: cleaned(report.explanation.sentence),
    sections: [
      { heading: { zh: '三个问题', en: 'Three answers' }, rows: answerRows(report) },
      { heading: { zh: '核验对象', en: 'What was verified' }, rows: subjectRows(report, facts) },
      { heading: { zh: '证照', en: 'Licence' }, rows: licenceRows(report) },
      ...seals,
      ...countRest(signatures.length - seals.length, SIGNATURES),
      { heading: { zh: '逐项检查', en: 'Every check' }, rows: checks },
      ...countRest(report.findings.length - checks.length, FINDINGS),
      { heading: { zh: '依据', en: 'What it rests on' }, rows: groundRows(report, facts) },
    ].filter(({ rows }) => rows.length > 0),
    note: {
      zh: '本页由核验程序依据当时取得的证据生成；其真实性以签名回执和证据包为准，打印件仅供阅读。',
      en: 'Made by the verifier from the evidence it had at that time. The signed receipt and the evidence bundle prove it; a print is for reading.',
    },
  }
}

const lengthOf = (rows: readonly OutlineRow[]): number =>
  rows.reduce(
    (sum, { value }) => sum + (typeof value === 'string' ? value.length : value.zh.length + value.en.length),
    0,
  )

/** The first of them, as long as all together are short enough; the very first in any case. */
function takeShort<T>(items: readonly T[], length: (item: T) => number): T[] {
  let left = MOST_CHARACTERS
  const end = items.findIndex((item, index) => (left -= length(item)) < 0 && index > 0)
  return items.slice(0, end < 0 ? items.length : end)
}

const cleaned = ({ zh, en }: Text): Text => ({ zh: shown(zh), en: shown(en) })

const SIGNATURES: Text = { zh: '其余签章', en: 'Further seals' }
const FINDINGS: Text = { zh: '其余检查', en: 'Further checks' }

function countRest(count: number, heading: Text): OutlineSection[] {
  if (count <= 0) return []
  const value = { zh: `另有 ${count} 项，见 JSON 报告`, en: `${count} more, see the JSON report` }
  return [{ heading, rows: [row('数量', 'Number', value)] }]
}

function row(zh: string, en: string, value: string | Text, tone: Tone = 'plain'): OutlineRow {
  return { label: { zh, en }, value: typeof value === 'string' ? shown(value) : value, tone }
}

/** A row only where there is something to tell. */
function maybe(zh: string, en: string, value: string | Text | null | undefined, tone?: Tone): OutlineRow[] {
  return value === null || value === undefined ? [] : [row(zh, en, value, tone)]
}

const QUESTIONS: Readonly<Record<'seal' | 'licence' | 'issuer', Text>> = {
  seal: { zh: '印章是否真实', en: 'Is the seal genuine?' },
  licence: { zh: '证照是否有效', en: 'Is the licence in force?' },
  issuer: { zh: '机关是否有权', en: 'Was the issuer entitled?' },
}
const ANSWER_TONES = { yes: 'good', no: 'bad', unknown: 'open' } as const

const answerRows = ({ explanation }: AnyReport): OutlineRow[] =>
  explanation.answers.map(({ question, outcome, sentence }) => ({
    label: QUESTIONS[question],
    value: cleaned(sentence),
    tone: ANSWER_TONES[outcome],
  }))

function subjectRows(report: AnyReport, { subjectDigest }: ReportFacts): OutlineRow[] {
  return [
    'file' in report ? row('文件', 'File', report.file) : row('二维码内容', 'Text of the QR code', report.text),
    ...maybe('SHA-256', 'SHA-256', subjectDigest),
    ...maybe('核验时点', 'As of', instant(report.validationTime)),
    ...maybe('所问的有效时间', 'Asked: in force at', instant(report.question?.inForceAt)),
    ...maybe('同时对照的二维码', 'Compared with the QR code', report.question?.scannedStatement),
    ...('indication' in report ? [indicationRow(report)] : []),
  ]
}

const INDICATION_TONES = { 'TOTAL-PASSED': 'good', 'TOTAL-FAILED': 'bad', INDETERMINATE: 'open' } as const

function indicationRow({
  indication,
  subIndication,
}: Pick<SignatureReport, 'indication' | 'subIndication'>): OutlineRow {
  const value = subIndication ? `${indication} / ${subIndication}` : indication
  return row('结论 (EN 319 102-1)', 'Indication (EN 319 102-1)', value, INDICATION_TONES[indication])
}

/** By the one clock of the whole page, Beijing's. */
function instant(text: string | null | undefined): string | null {
  const at = new Date(text ?? '')
  return Number.isNaN(at.getTime()) ? (text ?? null) : toShanghaiTime(at)
}

const statusText = (status: string | undefined): string | Text | undefined =>
  statusWords.find(({ word }) => word === status) ?? status

const both = (text: Text | null): Text | null => text && cleaned(text)

function licenceRows({ licence, statement }: AnyReport): OutlineRow[] {
  return [
    ...maybe('证照标识', 'Identifier', licence?.identifier),
    ...maybe('加注件', 'Copy', licence?.copy?.copyId),
    ...maybe('加注件用途', 'Purpose of the copy', licence?.copy?.cause),
    ...maybe('加注件使用人', 'Recipient of the copy', licence?.copy?.recipient),
    ...maybe('加注件制作者', 'Maker of the copy', licence?.copy?.creator),
    ...maybe('加注件有效至', 'Copy until', licence?.copy?.expiresAt),
    ...maybe('状态', 'Status', statusText(licence?.status), licence?.status === 'in force' ? 'good' : 'plain'),
    ...maybe('状态时间', 'Status as of', instant(licence?.asOf)),
    ...maybe('替代证照', 'Replaced by', licence?.replacedBy),
    ...maybe('证照类型', 'Type', both(statement?.typeName ?? null)),
    ...maybe('持证主体', 'Holder', statement?.holder),
    ...maybe('证照编号', 'Number', statement?.number),
    ...maybe('发证机关', 'Issuer', both(statement?.issuerName ?? null)),
    ...(statement ? [row('有效期', 'Valid', `${statement.validFrom} – ${statement.validUntil ?? '长期 no end'}`)] : []),
  ]
}

const LATER: Readonly<Record<SignatureReport['laterChanges'], readonly [Text, Tone]>> = {
  none: [{ zh: '无', en: 'none' }, 'good'],
  permitted: [{ zh: '有，均在允许范围内', en: 'some, all permitted' }, 'good'],
  'not-permitted': [{ zh: '有，未被允许', en: 'some that are not permitted' }, 'bad'],
  undecided: [{ zh: '有，无法判断', en: 'some that cannot be judged' }, 'open'],
}
const INTEGRITY: Readonly<Record<SignatureReport['integrity'], readonly [Text, Tone]>> = {
  intact: [{ zh: '完好', en: 'intact' }, 'good'],
  broken: [{ zh: '被破坏', en: 'broken' }, 'bad'],
  'not-checkable': [{ zh: '无法检查', en: 'not checkable' }, 'open'],
}

const NOT_PADES: Text = { zh: '不属于 PAdES', en: 'not a PAdES seal' }

function signatureSection(signature: SignatureReport): OutlineSection {
  const field = shown(signature.field)
  const heading =
    signature.type === 'signature'
      ? { zh: `签章（${field}）`, en: `Seal (${field})` }
      : { zh: `文档时间戳（${field}）`, en: `Document time stamp (${field})` }
  const { bestSignatureTime, claimedSigningTime, signedBy, signedDigest } = signature
  return {
    heading,
    rows: [
      indicationRow(signature),
      row('内容', 'Content', ...INTEGRITY[signature.integrity]),
      row('之后的改动', 'Later changes', ...LATER[signature.laterChanges]),
      ...changeRows(signature),
      ...(signature.type === 'signature'
        ? [row('等级', 'Level', signature.level === 'not-pades' ? NOT_PADES : signature.level)]
        : []),
      ...maybe('签章人', 'Sealed by', signedBy),
      ...maybe('存在不晚于', 'Proven to exist by', instant(bestSignatureTime)),
      ...maybe('自称时间', 'Claimed time', instant(claimedSigningTime)),
      ...maybe('所签内容 SHA-256', 'SHA-256 of what is signed', signedDigest),
    ],
  }
}

const CHANGE_TONES = { permitted: 'plain', 'not-permitted': 'bad', undecided: 'open' } as const

function changeRows({ changes }: SignatureReport): OutlineRow[] {
  return changes.slice(0, MOST_CHANGES).map(({ verdict, kind, page, detail }) => {
    const place = page === null ? { zh: '', en: '' } : { zh: `第 ${page + 1} 页：`, en: `page ${page + 1}: ` }
    const value = { zh: `${place.zh}${changeWords.get(kind) ?? shown(kind)}`, en: `${place.en}${shown(detail)}` }
    return row('改动', 'Change', value, CHANGE_TONES[verdict])
  })
}

const OUTCOMES: Readonly<Record<Finding['outcome'], Tone>> = {
  passed: 'good',
  failed: 'bad',
  undecided: 'open',
  info: 'plain',
}

function findingRow({ check, outcome, code, message, field }: Finding): OutlineRow {
  const about = field === undefined ? '' : ` ${shown(field)}`
  return {
    label: { zh: code, en: `${check}${about}` },
    value: cleaned(message),
    tone: OUTCOMES[outcome],
  }
}

function groundRows(report: AnyReport, { software, receipt, replay }: ReportFacts): OutlineRow[] {
  return [
    row('策略', 'Policy', report.policy.id),
    row('策略 SHA-256', 'SHA-256 of the policy', report.policy.digest),
    ...report.lists.map(({ kind, name, sequence, issuedAt, digest }) => {
      const issued = instant(issuedAt)
      const order = sequence === null ? issued : `#${sequence} ${issued}`
      return kind === 'trust-list'
        ? row('信任列表', 'Trust list', `${name ?? ''} ${order} SHA-256 ${digest}`.trim())
        : row('状态列表', 'Status list', `${name ?? ''} ${order} SHA-256 ${digest}`.trim())
    }),
    ...maybe('核验程序', 'Program', software),
    ...(receipt
      ? [
          row('签名回执', 'Signed receipt', {
            zh: receipt.timeStamp ? '有，带时间戳' : '有',
            en: receipt.timeStamp ? 'there is one, time-stamped' : 'there is one',
          }),
        ]
      : []),
    ...(replay
      ? [
          row('证据包', 'Evidence bundle', replay.contentDigest),
          row(
            '重新核验',
            'Judged again',
            replay.same ? { zh: '结果相同', en: 'same result' } : { zh: '结果不同', en: 'another result' },
            replay.same ? 'good' : 'bad',
          ),
        ]
      : []),
  ]
}
