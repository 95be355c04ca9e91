import type { AuthorityLevel, CatalogueEntry, HolderKind, TypeEntry } from '../../domain/type-entry.ts'

/** The elements of a catalogue entry under the names of GB/T 36902-2018. */
export interface CatalogueElements {
  readonly CertificateTypeName: string
  readonly CertificateTypeCode: string
  readonly CertificateDefineAuthorityName: string
  readonly CertificateDefineAuthorityCode: string
  /** 1 国家级, 2 省部级, 3 地市级, 4 区县级, 5 其他. */
  readonly CertificateDefineAuthorityLevel: string
  readonly ItemName: readonly string[]
  readonly ItemCode: readonly string[]
  readonly CertificateHolderCategory: readonly string[]
  readonly ValidityRange: readonly string[]
  readonly CertificateIssuingAuthorityLevel: readonly string[]
  readonly CertificateIssuingAuthority: string
}

const levelCodes: Readonly<Record<AuthorityLevel, string>> = {
  national: '1',
  provincial: '2',
  prefectural: '3',
  county: '4',
  township: '5',
  other: '5',
}
const levelNames: Readonly<Record<AuthorityLevel, string>> = {
  national: '国家级',
  provincial: '省级',
  prefectural: '地市级',
  county: '区县级',
  township: '乡镇级',
  other: '其他',
}
const holderNames: Readonly<Record<HolderKind, string>> = { person: '自然人', organisation: '法人和其他组织' }

export function elementsOf(typeCode: string, entry: TypeEntry | CatalogueEntry): CatalogueElements {
  return {
    CertificateTypeName: entry.name.zh,
    CertificateTypeCode: typeCode,
    CertificateDefineAuthorityName: entry.definedBy.name.zh,
    CertificateDefineAuthorityCode: entry.definedBy.code,
    CertificateDefineAuthorityLevel: levelCodes[entry.definedBy.level],
    ItemName: entry.items.map(({ name }) => name),
    ItemCode: entry.items.map(({ code }) => code),
    CertificateHolderCategory: entry.holders.map((holder) => holderNames[holder]),
    ValidityRange: entry.validityRanges,
    CertificateIssuingAuthorityLevel: entry.issuerLevels.map((level) => levelNames[level]),
    CertificateIssuingAuthority: entry.issuingAuthority,
  }
}
