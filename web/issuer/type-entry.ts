import type { Text } from '../kit/language.ts'

/** A catalogue entry as the API gives and takes it (elements of GB/T 36902 and the house's rules). */
export interface TypeEntry {
  readonly name: Text
  readonly category: string
  readonly definedBy: { readonly code: string; readonly name: Text; readonly level: string }
  readonly items: readonly { readonly code: string; readonly name: string }[]
  readonly holders: readonly string[]
  readonly validityRanges: readonly string[]
  readonly issuingAuthority: string
  readonly issuerLevels: readonly string[]
  readonly sharing: {
    readonly class: string
    readonly condition?: string | undefined
    readonly legalBasis?: string | undefined
    readonly fields: readonly string[]
  }
  readonly searchFields?: readonly string[]
  readonly secondPerson: readonly string[]
  readonly renewalDays: number
  readonly statusWords: Readonly<Record<string, { readonly code: string; readonly zh: string }>>
  readonly uniqueBy: string
  readonly body: string
  readonly retention: { readonly archiveAfterDays: number; readonly eraseAfterDays: number | null }
}

/** The entry while it is filled in: lists are lines of text, numbers are texts. */
export interface EntryForm {
  typeCode: string
  nameZh: string
  nameEn: string
  category: string
  body: string
  definerCode: string
  definerZh: string
  definerEn: string
  definerLevel: string
  items: string
  holders: string[]
  validityRanges: string
  issuingAuthority: string
  issuerLevels: string[]
  sharingClass: string
  sharingCondition: string
  sharingBasis: string
  sharingFields: string
  searchFields: string
  secondPerson: string[]
  renewalDays: string
  statusWords: string
  uniqueBy: string
  archiveAfterDays: string
  eraseAfterDays: string
}

export const emptyEntryForm = (): EntryForm => ({
  typeCode: '',
  nameZh: '',
  nameEn: '',
  category: 'licence',
  body: 'template',
  definerCode: '',
  definerZh: '',
  definerEn: '',
  definerLevel: 'prefectural',
  items: '',
  holders: [],
  validityRanges: '',
  issuingAuthority: '',
  issuerLevels: ['prefectural'],
  sharingClass: 'conditional',
  sharingCondition: '',
  sharingBasis: '',
  sharingFields: '',
  searchFields: '',
  secondPerson: [],
  renewalDays: '90',
  statusWords: '',
  uniqueBy: 'nothing',
  archiveAfterDays: '365',
  eraseAfterDays: '',
})

export function toEntryForm(typeCode: string, entry: TypeEntry): EntryForm {
  return {
    typeCode,
    nameZh: entry.name.zh,
    nameEn: entry.name.en,
    category: entry.category,
    body: entry.body,
    definerCode: entry.definedBy.code,
    definerZh: entry.definedBy.name.zh,
    definerEn: entry.definedBy.name.en,
    definerLevel: entry.definedBy.level,
    items: entry.items.map(({ code, name }) => `${code} ${name}`).join('\n'),
    holders: [...entry.holders],
    validityRanges: entry.validityRanges.join('\n'),
    issuingAuthority: entry.issuingAuthority,
    issuerLevels: [...entry.issuerLevels],
    sharingClass: entry.sharing.class,
    sharingCondition: entry.sharing.condition ?? '',
    sharingBasis: entry.sharing.legalBasis ?? '',
    sharingFields: entry.sharing.fields.join('\n'),
    searchFields: (entry.searchFields ?? []).join('\n'),
    secondPerson: [...entry.secondPerson],
    renewalDays: String(entry.renewalDays),
    statusWords: Object.entries(entry.statusWords)
      .map(([state, { code, zh }]) => `${state}: ${code} ${zh}`)
      .join('\n'),
    uniqueBy: entry.uniqueBy,
    archiveAfterDays: String(entry.retention.archiveAfterDays),
    eraseAfterDays: entry.retention.eraseAfterDays === null ? '' : String(entry.retention.eraseAfterDays),
  }
}

export const linesOf = (text: string): string[] =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')

/** A code and a name on one line. */
export function splitLine(line: string): { code: string; name: string } {
  const [code = '', ...rest] = line.split(/\s+/)
  return { code, name: rest.join(' ') }
}

function toStatusWords(text: string): TypeEntry['statusWords'] {
  return Object.fromEntries(
    linesOf(text).map((line) => {
      const [state = '', said = ''] = line.split(/[:：]/, 2)
      const { code, name } = splitLine(said.trim())
      return [state.trim(), { code, zh: name }]
    }),
  )
}

/** What is sent; numbers that are none become null, which the server refuses at their place. */
export function toEntry(form: EntryForm): TypeEntry {
  const filled = (name: 'condition' | 'legalBasis', text: string) => (text.trim() === '' ? {} : { [name]: text.trim() })
  return {
    name: { zh: form.nameZh.trim(), en: form.nameEn.trim() },
    category: form.category,
    body: form.body,
    definedBy: {
      code: form.definerCode.trim(),
      name: { zh: form.definerZh.trim(), en: form.definerEn.trim() },
      level: form.definerLevel,
    },
    items: linesOf(form.items).map(splitLine),
    holders: form.holders,
    validityRanges: linesOf(form.validityRanges),
    issuingAuthority: form.issuingAuthority.trim(),
    issuerLevels: form.issuerLevels,
    sharing: {
      class: form.sharingClass,
      ...filled('condition', form.sharingCondition),
      ...filled('legalBasis', form.sharingBasis),
      fields: linesOf(form.sharingFields),
    },
    ...(form.searchFields.trim() !== '' && { searchFields: linesOf(form.searchFields) }),
    secondPerson: form.secondPerson,
    renewalDays: Number(form.renewalDays),
    statusWords: toStatusWords(form.statusWords),
    uniqueBy: form.uniqueBy,
    retention: {
      archiveAfterDays: Number(form.archiveAfterDays),
      eraseAfterDays: form.eraseAfterDays.trim() === '' ? null : Number(form.eraseAfterDays),
    },
  }
}
