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
  readonly searchFields?: readonly string[]
}

const AUTHORITIES: Readonly<Record<string, EntryWords>> = {
  '11100000MB0143028R': { zh: '国家市场监督管理总局', en: 'State Administration for Market Regulation' },
  '11100000000013338W': { zh: '住房和城乡建设部', en: 'Ministry of Housing and Urban-Rural Development' },
  '111000000000130127': { zh: '民政部', en: 'Ministry of Civil Affairs' },
  '11100000000013400N': { zh: '交通运输部', en: 'Ministry of Transport' },
  '11100000MB03271699': { zh: '自然资源部', en: 'Ministry of Natural Resources' },
  '11100000000013127D': { zh: '公安部', en: 'Ministry of Public Security' },
  '1110000000001316XM': { zh: '人力资源和社会保障部', en: 'Ministry of Human Resources and Social Security' },
  '11100000MB16122012': { zh: '国家卫生健康委员会', en: 'National Health Commission' },
  '11100000000013047R': { zh: '教育部', en: 'Ministry of Education' },
}
const UNNAMED: EntryWords = { zh: '国家主管部门', en: 'Competent national authority' }

const FACTS: Readonly<Record<string, Omit<Facts, 'definedBy'>>> = {
  营业执照: {
    issuingAuthority: '市场监督管理部门',
    items: [{ code: '000131001000', name: '企业设立、变更、注销登记' }],
    sharing: 'unconditional',
    legalBasis: '《企业信息公示暂行条例》第六条',
    searchFields: ['legalRepresentative'],
  },
  食品经营许可证: {
    issuingAuthority: '市场监督管理部门',
    items: [{ code: '000131025000', name: '食品经营许可' }],
    sharing: 'unconditional',
    legalBasis: '《食品经营许可和备案管理办法》第七条',
    searchFields: ['legalRepresentative', 'premises'],
    renewalDays: 90,
  },
  建筑工程施工许可证: {
    issuingAuthority: '住房和城乡建设部门',
    items: [{ code: '000117021000', name: '建筑工程施工许可' }],
    searchFields: ['project'],
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
    searchFields: ['unitNumber'],
  },
  社会保障卡: {
    issuingAuthority: '人力资源和社会保障部门',
    legalBasis: '《中华人民共和国社会保险法》第五十八条',
    renewalDays: 180,
  },
  机动车驾驶证: {
    issuingAuthority: '公安机关交通管理部门',
    legalBasis: '《机动车驾驶证申领和使用规定》',
    renewalDays: 90,
  },
  居住证: { issuingAuthority: '公安机关', legalBasis: '《居住证暂行条例》' },
  出生医学证明: {
    issuingAuthority: '医疗保健机构',
    category: 'proof',
    legalBasis: '《中华人民共和国母婴保健法》第二十三条',
  },
  不动产登记证明: {
    issuingAuthority: '不动产登记机构',
    legalBasis: '《不动产登记暂行条例》第二十七条',
    searchFields: ['unitNumber'],
  },
  老年优待证: { issuingAuthority: '卫生健康（老龄）部门', legalBasis: '《中华人民共和国老年人权益保障法》' },
  就业创业证: { issuingAuthority: '人力资源和社会保障部门', legalBasis: '《就业服务与就业管理规定》' },
  教师资格证书: {
    issuingAuthority: '教育行政部门',
    sharing: 'unconditional',
    legalBasis: '《教师资格条例》',
  },
  医疗机构执业许可证: {
    issuingAuthority: '卫生健康部门',
    sharing: 'unconditional',
    legalBasis: '《医疗机构管理条例》',
    searchFields: ['legalRepresentative'],
    renewalDays: 90,
  },
  民办非企业单位登记证书: {
    issuingAuthority: '民政部门',
    sharing: 'unconditional',
    legalBasis: '《民办非企业单位登记管理暂行条例》',
    searchFields: ['legalRepresentative'],
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
    ...(facts.searchFields && { searchFields: facts.searchFields }),
    secondPerson: [],
    renewalDays: facts.renewalDays ?? 30,
    statusWords: {},
    uniqueBy: 'nothing',
    body: 'template',
    retention: { archiveAfterDays: 2 * YEAR, eraseAfterDays: null },
  }
}
