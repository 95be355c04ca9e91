// What the catalogue says of the types that come with the service. Departments change it as they change their own.
import type { LicenceDefinition } from '../../../templates/index.ts'
import type { EntryWords, HolderKind, SharingClass, TypeEntry } from '../../domain/type-entry.ts'

interface Facts {
  readonly definedBy: EntryWords
  readonly items?: TypeEntry['items']
  readonly issuingAuthority: string
  readonly category?: TypeEntry['category']
  readonly sharing?: SharingClass
  readonly legalBasis?: string
  readonly renewalDays?: number
}

const AUTHORITIES: Readonly<Record<string, EntryWords>> = {
  '11100000MB0143028R': { zh: '国家市场监督管理总局', en: 'State Administration for Market Regulation' },
  '11100000000013338W': { zh: '住房和城乡建设部', en: 'Ministry of Housing and Urban-Rural Development' },
  '111000000000130127': { zh: '民政部', en: 'Ministry of Civil Affairs' },
  '11100000000013400N': { zh: '交通运输部', en: 'Ministry of Transport' },
  '11100000MB03271699': { zh: '自然资源部', en: 'Ministry of Natural Resources' },
  '11100000000013127D': { zh: '公安部', en: 'Ministry of Public Security' },
}
const UNNAMED: EntryWords = { zh: '国家主管部门', en: 'Competent national authority' }

const FACTS: Readonly<Record<string, Omit<Facts, 'definedBy'>>> = {
  营业执照: {
    issuingAuthority: '市场监督管理部门',
    items: [{ code: '000131001000', name: '企业设立、变更、注销登记' }],
    sharing: 'unconditional',
    legalBasis: '《企业信息公示暂行条例》第六条',
  },
  食品经营许可证: {
    issuingAuthority: '市场监督管理部门',
    items: [{ code: '000131025000', name: '食品经营许可' }],
    sharing: 'unconditional',
    legalBasis: '《食品经营许可和备案管理办法》第七条',
    renewalDays: 90,
  },
  建筑工程施工许可证: {
    issuingAuthority: '住房和城乡建设部门',
    items: [{ code: '000117021000', name: '建筑工程施工许可' }],
  },
  结婚证: {
    issuingAuthority: '民政部门婚姻登记机关',
    items: [{ code: '000711007000', name: '内地居民婚姻登记' }],
    legalBasis: '《婚姻登记条例》',
  },
  道路运输经营许可证: {
    issuingAuthority: '交通运输部门',
    items: [{ code: '000118010000', name: '道路货运经营许可' }],
    renewalDays: 60,
  },
  不动产权证书: {
    issuingAuthority: '不动产登记机构',
    items: [{ code: '000715001000', name: '不动产统一登记' }],
    legalBasis: '《不动产登记暂行条例》第二十七条',
  },
}
const COMMON: Omit<Facts, 'definedBy'> = { issuingAuthority: '发证机关' }

const YEAR = 365

/** The entry a shipped definition begins with. What is personal is shared by agreement only, and hidden fields are not shared at all. */
export function shippedEntry(definition: LicenceDefinition): TypeEntry {
  const { typeCode, name, fields, validity } = definition
  const code = typeCode.slice(0, 18)
  const facts = FACTS[name.zh] ?? COMMON
  const holders = new Set<HolderKind>()
  for (const { role, type } of fields)
    if (role === 'holder-code') holders.add(type === 'credit-code' ? 'organisation' : 'person')
  const sharing = facts.sharing ?? 'conditional'
  return {
    name,
    category: facts.category ?? 'licence',
    definedBy: { code, name: AUTHORITIES[code] ?? UNNAMED, level: 'national' },
    items: facts.items ?? [],
    holders: [...holders],
    validityRanges: [validity.kind === 'years' ? `${validity.years}年` : '长期'],
    issuingAuthority: facts.issuingAuthority,
    issuerLevels: ['prefectural', 'county'],
    sharing: {
      class: sharing,
      ...(sharing === 'conditional' && { condition: '履行职责所需，经数源部门同意' }),
      legalBasis: facts.legalBasis ?? '《国务院关于在线政务服务的若干规定》（国务院令第716号）',
      fields: fields
        .filter(({ disclosure, type }) => disclosure !== 'hidden' && type !== 'picture')
        .map((one) => one.name),
    },
    secondPerson: [],
    renewalDays: facts.renewalDays ?? 30,
    statusWords: {},
    uniqueBy: 'nothing',
    body: 'template',
    retention: { archiveAfterDays: 2 * YEAR, eraseAfterDays: null },
  }
}
