// Findings → one verdict with its reason, in the order in which the questions are asked.
import { type LicenceStatus, statusWord } from '../licence-format/index.ts'
import { instantForPeople } from './question.ts'
import type {
  CheckName,
  Explanation,
  Finding,
  Indication,
  SignatureReport,
  SubIndication,
  Text,
  Verdict,
} from './report.ts'

const ORDER: readonly CheckName[] = [
  'format',
  'coverage',
  'integrity',
  'later-changes',
  'path',
  'time-stamp',
  'level',
  'statement',
  'licence-data',
  'seal',
  'register',
  'issuer',
  'trust-list',
  'copy',
  'licence-status',
]

const LICENCE: readonly CheckName[] = ['copy', 'licence-status']
const ISSUER: readonly CheckName[] = ['issuer', 'trust-list']

/** Which of the three answers a check belongs to. Whatever makes a document a forgery belongs to the seal. */
const ANSWERS: Readonly<Record<'seal' | 'licence' | 'issuer', readonly CheckName[]>> = {
  seal: ORDER.filter((check) => !LICENCE.includes(check) && !ISSUER.includes(check)),
  licence: LICENCE,
  issuer: ISSUER,
}

/** What the conclusion is about: a licence's document, a QR statement, or a document that is no licence. */
export type Subject = 'licence' | 'statement' | 'document'

/** What the sentences name beside the findings. */
interface About {
  readonly signers?: readonly string[]
  /** The instant that was asked about in place of the validation time. */
  readonly inForceAt?: Date | undefined
}

export interface Conclusion {
  readonly verdict: Verdict
  readonly reason: string
  readonly explanation: Explanation
}

/** One failed check refuses, one undecided check keeps from accepting; the first of them in order is the reason. */
export function conclude(
  findings: readonly Finding[],
  subject: Subject,
  status: LicenceStatus | null,
  { signers = [], inForceAt }: About = {},
): Conclusion {
  const sorted = inOrder(findings)
  const failed = sorted.find(({ outcome }) => outcome === 'failed')
  const undecided = sorted.find(({ outcome }) => outcome === 'undecided')
  const verdict: Verdict = failed ? 'refused' : undecided ? 'undecided' : 'accepted'
  const decisive = failed ?? undecided
  const sentence = decisive?.message ?? withNames(acceptedSentence(findings, subject, { signers, inForceAt }), findings)
  const reason = decisive?.code === 'UNSIGNED' || decisive?.code === 'UNSEALED_LICENCE' ? 'UNSIGNED' : sentence.en
  const answers = (['seal', 'licence', 'issuer'] as const).map((question) => ({
    question,
    ...answer(question, sorted, subject),
  }))
  return {
    verdict,
    reason,
    explanation: {
      word: wordOf(verdict, decisive, {
        subject,
        status,
        seal: answers[0]!.outcome,
        isCopy: findings.some(({ check }) => check === 'copy'),
        isAboutThen: inForceAt !== undefined,
      }),
      sentence,
      answers,
    },
  }
}

function inOrder(findings: readonly Finding[]): Finding[] {
  return [...findings].sort((a, b) => ORDER.indexOf(a.check) - ORDER.indexOf(b.check))
}

const acceptedSentences: Readonly<Record<'licence' | 'statement' | 'unasked', Text>> = {
  licence: {
    zh: '文件未被改动，由有权机构签章，证照当前有效。',
    en: 'The document is unchanged, sealed by an entitled issuer, and the licence is in force.',
  },
  statement: {
    zh: '二维码由有权机构签署，证照当前有效。请核对下列内容与纸面一致。',
    en: 'The QR code was signed by an entitled issuer and the licence is in force. Compare what it says with the paper.',
  },
  unasked: {
    zh: '文件未被改动，签章可信。未查询证照状态。',
    en: 'The document is unchanged and its seal is trusted. Whether the licence is in force was not asked.',
  },
}

/** The same of the instant that was asked about: nothing is said of now. */
const acceptedThen: Readonly<Record<'licence' | 'statement', (then: Text) => Text>> = {
  licence: (then) => ({
    zh: `文件未被改动，由有权机构签章；在所问的时间 ${then.zh}，证照有效。`,
    en: `The document is unchanged and sealed by an entitled issuer; at the time asked about, ${then.en}, the licence is in force.`,
  }),
  statement: (then) => ({
    zh: `二维码由有权机构签署；在所问的时间 ${then.zh}，证照有效。请核对下列内容与纸面一致。`,
    en: `The QR code was signed by an entitled issuer; at the time asked about, ${then.en}, the licence is in force. Compare what it says with the paper.`,
  }),
}

const OTHER_NAMES: ReadonlySet<string> = new Set(['TYPE_NAME_DIFFERS', 'ISSUER_NAME_DIFFERS'])

/** Who reads that a licence is genuine reads in the same breath that it goes by another name than the trust list knows. */
function withNames(accepted: Text, findings: readonly Finding[]): Text {
  const told = findings.filter(({ code }) => OTHER_NAMES.has(code)).map(({ message }) => message)
  return {
    zh: [accepted.zh, ...told.map(({ zh }) => `${zh}。`)].join(''),
    en: [accepted.en, ...told.map(({ en }) => `${en}.`)].join(' '),
  }
}

/** A document that is no licence says nothing but who sealed it, so that is told. */
function acceptedSentence(findings: readonly Finding[], subject: Subject, { signers = [], inForceAt }: About): Text {
  if (subject !== 'document') {
    const copy = findings.find(({ check }) => check === 'copy')
    if (copy) {
      const others = findings.filter((one) => one !== copy)
      const { zh, en } = acceptedSentence(others, subject, { signers, inForceAt })
      return { zh: `${copy.message.zh}。${zh}`, en: `${copy.message.en}. ${en}` }
    }
    if (findings.some(({ code }) => code === 'STATUS_NOT_ASKED')) return acceptedSentences.unasked
    return inForceAt ? acceptedThen[subject](instantForPeople(inForceAt)) : acceptedSentences[subject]
  }
  return {
    zh: `文件未被改动，签章可信，签章者：${signers.join('、')}。文件不含证照数据。`,
    en: `The document is unchanged and its seal is trusted; sealed by ${signers.join(', ')}. It holds no licence data.`,
  }
}

interface WordedBy {
  readonly subject: Subject
  readonly status: LicenceStatus | null
  readonly seal: 'yes' | 'no' | 'unknown'
  readonly isCopy: boolean
  readonly isAboutThen: boolean
}

function wordOf(
  verdict: Verdict,
  decisive: Finding | undefined,
  { subject, status, seal, isCopy, isAboutThen }: WordedBy,
): Text {
  if (decisive?.code === 'UNSIGNED' || decisive?.code === 'UNSEALED_LICENCE')
    return { zh: '没有签章', en: 'Not sealed' }
  if (verdict === 'accepted' && (subject === 'document' || status === 'unknown'))
    return { zh: '签章有效', en: 'Seal valid' }
  if (verdict === 'accepted' && isAboutThen)
    return { zh: '真实，所问时间有效', en: 'Genuine, in force at the time asked' }
  if (verdict === 'accepted' && isCopy) return { zh: '加注件，真实有效', en: 'Genuine copy, in force' }
  if (verdict === 'accepted') return { zh: '真实有效', en: 'Genuine, in force' }
  if (verdict === 'undecided') return { zh: '无法判定', en: 'Cannot be decided' }
  if (decisive?.check !== 'licence-status' || seal === 'no') return { zh: '不可信', en: 'Not genuine' }
  if (decisive.code === 'STATUS_PENDING') return { zh: '尚未颁发', en: 'Not issued' }
  const word = statusWord(status ?? 'unknown')
  const genuine = seal === 'yes'
  const then = isAboutThen ? { zh: '所问时间', en: ' at the time asked' } : { zh: '', en: '' }
  return {
    zh: `${genuine ? '真实，但' : ''}${then.zh}${word.zh}`,
    en: `${genuine ? `Genuine, but ${word.en}` : capitalise(word.en)}${then.en}`,
  }
}

function capitalise(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}

const notAsked: Readonly<Record<'seal' | 'licence' | 'issuer', Text>> = {
  seal: { zh: '没有可验证的签章', en: 'There is no seal to judge' },
  licence: { zh: '没有可查询状态的证照', en: 'There is no licence whose status could be asked' },
  issuer: { zh: '没有可核对的颁发机构', en: 'There is no issuer to look up' },
}

const genuine: Readonly<Record<Subject, Text>> = {
  licence: { zh: '签章真实，内容未被改动', en: 'The seal is genuine and the content unchanged' },
  statement: { zh: '二维码真实', en: 'The QR code is genuine' },
  document: { zh: '签章真实，内容未被改动', en: 'The seal is genuine and the content unchanged' },
}

function answer(question: 'seal' | 'licence' | 'issuer', sorted: readonly Finding[], subject: Subject) {
  const mine = sorted.filter(({ check }) => ANSWERS[question].includes(check))
  const failed = mine.find(({ outcome }) => outcome === 'failed')
  if (failed) return { outcome: 'no', sentence: failed.message } as const
  const undecided = mine.find(({ outcome }) => outcome === 'undecided')
  if (undecided) return { outcome: 'unknown', sentence: undecided.message } as const
  const passed = mine.find(({ outcome }) => outcome === 'passed')
  if (passed) return { outcome: 'yes', sentence: question === 'seal' ? genuine[subject] : passed.message } as const
  return { outcome: 'unknown', sentence: mine[0]?.message ?? notAsked[question] } as const
}

const RANK: Readonly<Record<Indication, number>> = { 'TOTAL-PASSED': 0, INDETERMINATE: 1, 'TOTAL-FAILED': 2 }

/** The worst of some indications, the first among equals; no signature at all is INDETERMINATE. */
export function worstIndication(signatures: readonly Pick<SignatureReport, 'indication' | 'subIndication'>[]): {
  indication: Indication
  subIndication: SubIndication | null
} {
  let worst: Pick<SignatureReport, 'indication' | 'subIndication'> | undefined
  for (const signature of signatures)
    if (!worst || RANK[signature.indication] > RANK[worst.indication]) worst = signature
  return worst
    ? { indication: worst.indication, subIndication: worst.subIndication }
    : { indication: 'INDETERMINATE', subIndication: null }
}
