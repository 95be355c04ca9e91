// The licence identifier of GB/T 36904-2018: 1.2.156.3005.2 . type . issuer . serial . version . check character.
import { mod3736 } from './check-characters.ts'
import { LicenceFormatError } from './errors.ts'

/** Root object identifier of electronic licences (电子证照根代码). Not part of the check character's input. */
export const IDENTIFIER_ROOT = '1.2.156.3005.2'

const TYPE_CODE = /^[0-9A-Z]{21}$/
const ISSUER_CODE = /^[0-9A-Z]{18}$/
const ISSUER_CODE_READ = /^(?:[0-9A-Z]{18}|\d{6})$/
const SERIAL = /^[0-9A-Z]{1,40}$/
const VERSION = /^(?!000)\d{3}$/
const CHECK_CHARACTER = /^[0-9A-Z]$/
const LONGEST = 120

/** The parts of an identifier; `text` is the whole of it with the root, `short` the whole without. */
export interface LicenceIdentifier {
  readonly text: string
  readonly short: string
  /** 证照类型代码: credit code of the defining authority and three digits. */
  readonly typeCode: string
  /** 证照颁发机构代码: credit code, or the 6-digit area code of older systems. */
  readonly issuerCode: string
  readonly serial: string
  /** 1 to 999. */
  readonly version: number
}

export interface IdentifierParts {
  readonly typeCode: string
  readonly issuerCode: string
  readonly serial: string
  readonly version: number
}

/**
 * Reads an identifier, with or without the root, and checks its form and check character (GB/T 36904; ISO 7064 MOD 37,36).
 * Throws IDENTIFIER_MALFORMED or IDENTIFIER_CHECK_CHARACTER_WRONG.
 */
export function parseIdentifier(text: string): LicenceIdentifier {
  const short = text.startsWith(`${IDENTIFIER_ROOT}.`) ? text.slice(IDENTIFIER_ROOT.length + 1) : text
  const [typeCode, issuerCode, serial, version, check, ...more] = text.length > LONGEST ? [] : short.split('.')
  if (
    more.length > 0 ||
    !TYPE_CODE.test(typeCode ?? '') ||
    !ISSUER_CODE_READ.test(issuerCode ?? '') ||
    !SERIAL.test(serial ?? '') ||
    !VERSION.test(version ?? '') ||
    !CHECK_CHARACTER.test(check ?? '')
  ) {
    throw new LicenceFormatError('IDENTIFIER_MALFORMED', 'expected type.issuer.serial.version.check as in GB/T 36904')
  }
  if (mod3736(`${typeCode}${issuerCode}${serial}${version}`) !== check) {
    throw new LicenceFormatError('IDENTIFIER_CHECK_CHARACTER_WRONG', 'the check character of the identifier is wrong')
  }
  return {
    text: `${IDENTIFIER_ROOT}.${short}`,
    short,
    typeCode: typeCode!,
    issuerCode: issuerCode!,
    serial: serial!,
    version: Number(version),
  }
}

/** Writes an identifier with root and check character. The issuer is a credit code of 18. Throws IDENTIFIER_PART_INVALID. */
export function formatIdentifier({ typeCode, issuerCode, serial, version }: IdentifierParts): string {
  const digits = String(version).padStart(3, '0')
  const fault = !TYPE_CODE.test(typeCode)
    ? 'typeCode'
    : !ISSUER_CODE.test(issuerCode)
      ? 'issuerCode'
      : !SERIAL.test(serial)
        ? 'serial'
        : !VERSION.test(digits)
          ? 'version'
          : null
  if (fault) throw new LicenceFormatError('IDENTIFIER_PART_INVALID', `${fault} does not fit an identifier`)
  const check = mod3736(`${typeCode}${issuerCode}${serial}${digits}`)
  return `${IDENTIFIER_ROOT}.${typeCode}.${issuerCode}.${serial}.${digits}.${check}`
}

/** The identifier of the next version of the same licence. Version 999 throws IDENTIFIER_VERSION_EXHAUSTED. */
export function nextVersion(identifier: LicenceIdentifier): string {
  if (identifier.version >= 999) {
    throw new LicenceFormatError('IDENTIFIER_VERSION_EXHAUSTED', 'version 999 has no successor: allot a new serial')
  }
  return formatIdentifier({ ...identifier, version: identifier.version + 1 })
}
