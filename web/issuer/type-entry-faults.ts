import { blankFaults } from '../kit/fault-words.ts'
import type { Text } from '../kit/language.ts'
import type { FieldFault } from '../kit/problem.ts'
import { type EntryForm, linesOf, splitLine } from './type-entry.ts'

const own = {
  typeCode: {
    zh: '应为 21 位：18 位统一社会信用代码加三位流水号。',
    en: 'Expected 21 characters: a credit code of 18 and a serial of three.',
  },
  items: {
    zh: '每行要有事项编码和名称，中间空一格。缺少名称：',
    en: 'Each line is a code, a space and a name. Without a name: ',
  },
  days: { zh: '请填写整数天数。', en: 'Give a whole number of days.' },
} as const satisfies Record<string, Text>

/** What is wrong with a catalogue entry before it is sent, at the places of its form; what only the server can tell is not among it. */
export function faultsBeforeSending(form: EntryForm): FieldFault[] {
  const { typeCode, sharingClass, renewalDays, archiveAfterDays, eraseAfterDays } = form
  const blank = blankFaults({
    '/typeCode': typeCode,
    '/name/zh': form.nameZh,
    '/name/en': form.nameEn,
    '/definedBy/code': form.definerCode,
    '/definedBy/name/zh': form.definerZh,
    '/definedBy/name/en': form.definerEn,
    '/issuingAuthority': form.issuingAuthority,
    '/issuerLevels': form.issuerLevels.join(),
    '/holders': form.holders.join(),
    '/validityRanges': form.validityRanges,
    '/renewalDays': renewalDays,
    '/retention/archiveAfterDays': archiveAfterDays,
    ...(sharingClass !== 'unconditional' && { '/sharing/legalBasis': form.sharingBasis }),
    ...(sharingClass === 'conditional' && { '/sharing/condition': form.sharingCondition }),
  })
  const wrong: FieldFault[] = []
  if (typeCode !== '' && !/^[0-9A-HJ-NPQRTUWXY]{18}[0-9A-Z]{3}$/.test(typeCode))
    wrong.push({ pointer: '/typeCode', detail: own.typeCode })
  const nameless = linesOf(form.items).filter((line) => splitLine(line).name === '')
  if (nameless.length > 0) {
    const detail = { zh: own.items.zh + nameless.join('、'), en: own.items.en + nameless.join(', ') }
    wrong.push({ pointer: '/items', detail })
  }
  for (const [pointer, days] of [
    ['/renewalDays', renewalDays],
    ['/retention/archiveAfterDays', archiveAfterDays],
    ['/retention/eraseAfterDays', eraseAfterDays],
  ] as const)
    if (days.trim() !== '' && !/^\d+$/.test(days.trim())) wrong.push({ pointer, detail: own.days })
  return [...blank, ...wrong]
}
