import { type DerElement, readOid, readSequence, readSet, readString, TAG } from '../../asn1/index.ts'
import { OID } from '../../oids.ts'
import { succeeds } from './read.ts'
import type { Report } from './rules.ts'

/** The type an attribute has by RFC 5280 Appendix A.1 where it is not a DirectoryString. */
const fixedTags: Readonly<Record<string, number>> = {
  [OID.countryName]: TAG.printableString,
  [OID.serialNumber]: TAG.printableString,
  '2.5.4.46': TAG.printableString,
  [OID.emailAddress]: TAG.ia5String,
  [OID.domainComponent]: TAG.ia5String,
}

/** Upper bounds in characters; EN 319 412-2 §4.2.4 and -3 §4.2.1 lift them for the names of persons. */
const upperBounds: Readonly<Record<string, number>> = {
  [OID.commonName]: 64,
  [OID.serialNumber]: 64,
  [OID.localityName]: 128,
  [OID.stateOrProvinceName]: 128,
  [OID.organizationName]: 64,
  [OID.organizationalUnitName]: 64,
  [OID.title]: 64,
  [OID.emailAddress]: 255,
}

const directoryTags: readonly number[] = [
  TAG.printableString,
  TAG.utf8String,
  TAG.teletexString,
  TAG.bmpString,
  TAG.universalString,
]

export interface LintedAttribute {
  readonly type: string
  readonly text: string
}

/** The attributes of a name that can be read, its faults reported. */
export function checkName(element: DerElement, where: string, hasBounds: boolean, report: Report): LintedAttribute[] {
  const attributes: LintedAttribute[] = []
  const isName = succeeds(() => {
    for (const rdn of readSequence(element, where)) {
      for (const pair of readSet(rdn, where, 1)) {
        const [typeElement, value] = readSequence(pair, where, 2, 2)
        const type = readOid(typeElement, where)
        const at = `${where}: ${type}`
        if (!succeeds(() => attributes.push({ type, text: checkValue(type, value!, at, hasBounds, report) })))
          report('name-value-malformed', at)
      }
    }
  })
  if (!isName) report('name-malformed', where)
  return attributes
}

function checkValue(type: string, value: DerElement, at: string, hasBounds: boolean, report: Report): string {
  const fixed = fixedTags[type]
  const isDirectoryString = type.startsWith('2.5.4.') && fixed === undefined
  const text = isDirectoryString || fixed !== undefined ? readString(value, at) : ''
  if (fixed !== undefined ? value.tag !== fixed : isDirectoryString && !directoryTags.includes(value.tag))
    report('name-value-malformed', at)
  else if (isDirectoryString && value.tag !== TAG.printableString && value.tag !== TAG.utf8String)
    report('name-encoding-legacy', at)
  if (value.tag === TAG.printableString && !/^[A-Za-z0-9 '()+,\-./:=?]*$/.test(text)) report('name-value-malformed', at)
  if ((isDirectoryString || fixed !== undefined) && text === '') report('name-value-malformed', at)
  if (type === OID.countryName && !/^[A-Za-z]{2}$/.test(text)) report('name-value-malformed', at)
  if (hasBounds && [...text].length > (upperBounds[type] ?? Number.POSITIVE_INFINITY)) report('name-value-too-long', at)
  return text
}
