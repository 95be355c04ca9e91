import { createHash } from 'node:crypto'
import { canonicalJson } from '../../licence-format/index.ts'
import type { Fault } from '../../platform/index.ts'
import { type SealKeyAlgorithm, type SealKind, sealKeyAlgorithms, sealKinds } from './seal.ts'
import { type OutlineSource, validatePictureSpec } from './seal-picture.ts'
import type { SealPictureSpec } from './seal-picture-spec.ts'

/** A supporting document: its SHA-256 in hexadecimal, and what it is. */
export interface ApplicationFile {
  readonly digest: string
  readonly title: string
}

/** What is applied for. */
export interface SealApplication {
  readonly name: string
  readonly nameEn: string | null
  readonly kindCode: SealKind
  readonly picture: SealPictureSpec
  readonly keyAlgorithm: SealKeyAlgorithm
  /** Who certifies it: the house's own authority, or one outside. */
  readonly certificate: 'own' | 'outside'
  readonly typeCodes: readonly string[]
  readonly physicalSealNumber: string | null
  /** The seal that it takes the place of. */
  readonly replaces: string | null
  /** Why it is needed, and on what ground. */
  readonly reason: string
  readonly legalBasis: string | null
  readonly files: readonly ApplicationFile[]
}

/** An application as it came: what its picture is to be drawn from has not been looked at. */
export type AskedApplication = Omit<SealApplication, 'picture'> & { readonly picture: { readonly shape: string } }

const physicalNumber = /^(?:1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[1-3])\d{11}$/
const sealName = /^[\p{L}\p{M}\p{Nd}（）()〇·.&'’ -]{2,100}$/u
const MOST_FILES = 20
/** Licence types that one seal stands on, at most. */
export const MOST_TYPES = 200

/** 13 digits: area (GB/T 2260, a province first) and a serial number of seven that is not nought (GA 241). */
const isPhysicalSealNumber = (text: string): boolean => physicalNumber.test(text) && !text.endsWith('0000000')

/** Every fault of what is applied for; shapes and lengths of texts are checked at the edge. */
export function findApplicationFaults(form: AskedApplication, outlines: OutlineSource): Fault[] {
  const faults: Fault[] = validatePictureSpec(form.picture, outlines).map((fault) => ({
    ...fault,
    pointer: `/picture${fault.pointer}`,
  }))
  const expect = (isRight: boolean, pointer: string, code: string, detail: string): void => {
    if (!isRight) faults.push({ pointer, code, detail })
  }
  const { physicalSealNumber, kindCode, files, typeCodes } = form
  expect(sealName.test(form.name), '/name', 'NAME_REFUSED', 'expected 2 to 100 letters, digits and brackets')
  expect(Object.hasOwn(sealKinds, kindCode), '/kindCode', 'CHOICE_UNKNOWN', 'expected a kind of seals')
  expect(sealKeyAlgorithms.includes(form.keyAlgorithm), '/keyAlgorithm', 'CHOICE_UNKNOWN', 'expected an algorithm')
  expect(
    physicalSealNumber === null || isPhysicalSealNumber(physicalSealNumber),
    '/physicalSealNumber',
    'NUMBER_REFUSED',
    'expected 13 digits: area code of a province, city or county and a serial number of seven',
  )
  expect(
    (kindCode === '05') === (form.picture.shape === 'square'),
    '/picture/shape',
    'SHAPE_REFUSED',
    "a person's name seal is square, and no other is",
  )
  expect(
    (kindCode === '03') === (form.picture.shape === 'invoice'),
    '/picture/shape',
    'SHAPE_REFUSED',
    'invoice seals have a shape of their own',
  )
  expect(typeCodes.length <= MOST_TYPES, '/typeCodes', 'TOO_MANY', `at most ${MOST_TYPES}`)
  expect(files.length <= MOST_FILES, '/files', 'TOO_MANY', `at most ${MOST_FILES}`)
  expect(new Set(files.map(({ digest }) => digest)).size === files.length, '/files', 'TWICE', 'each document once')
  return faults
}

/** SHA-256 over all that is applied for, by whom and in which version: an approval names it. */
export function digestApplication(
  sealId: string,
  departmentCode: string,
  version: number,
  form: SealApplication,
): Uint8Array {
  const written = canonicalJson({ sealId, departmentCode, version, form })
  return new Uint8Array(createHash('sha256').update(written).digest())
}
