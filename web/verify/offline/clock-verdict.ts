import type { VerificationReport } from '../../kit/api-types.ts'

const sentence = {
  zh: '这台设备的时钟慢了：它显示的时间，比手里名单签发的时间还早。请先把日期和时间校准，再查验一次。',
  en: 'The clock of this device is behind: it shows a time before the lists in hand were signed. Set date and time right, then check again.',
}
const unknown = { zh: '时钟校准之前不作判断', en: 'Not judged before the clock is right' }

/** The verdict of a device whose clock is wrong: nothing is said about the document, since "now" is not known. */
export function clockBehindReport(now: Date): VerificationReport {
  return {
    text: '',
    verdict: 'undecided',
    reason: 'CLOCK_BEHIND',
    validationTime: now.toISOString(),
    licence: null,
    statement: null,
    findings: [],
    explanation: {
      word: { zh: '设备时钟不对', en: 'This device’s clock is wrong' },
      sentence,
      answers: (['seal', 'licence', 'issuer'] as const).map((question) => ({
        question,
        outcome: 'unknown',
        sentence: unknown,
      })),
    },
  }
}
