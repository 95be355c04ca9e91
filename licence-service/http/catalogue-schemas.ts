import { z } from 'zod'
import { licenceStates } from '../domain/licence.ts'
import {
  AUTHORITY_LEVELS,
  CATEGORIES,
  GUARDED_ACTS,
  HOLDER_KINDS,
  SHARING_CLASSES,
  TYPE_STATES,
  type TypeEntry,
} from '../domain/type-entry.ts'

const text = (most: number) => z.string().trim().min(1).max(most)
const words = z.strictObject({ zh: text(200), en: text(300) })
const level = z.enum(AUTHORITY_LEVELS)
const days = z.int().min(0).max(36_500)
export const digest = z.string().regex(/^[0-9a-f]{64}$/)
export const typeCode = z.string().regex(/^[0-9A-HJ-NPQRTUWXY]{18}[0-9A-Z]{3}$/)

const entry = z.strictObject({
  name: words,
  category: z.enum(CATEGORIES),
  definedBy: z.strictObject({ code: z.string().length(18), name: words, level }),
  items: z.array(z.strictObject({ code: text(64), name: text(200) })).max(50),
  holders: z.array(z.enum(HOLDER_KINDS)).min(1).max(2),
  validityRanges: z.array(text(50)).min(1).max(20),
  issuingAuthority: text(200),
  issuerLevels: z.array(level).min(1).max(6),
  sharing: z.strictObject({
    class: z.enum(SHARING_CLASSES),
    condition: text(1000).optional(),
    legalBasis: text(1000).optional(),
    fields: z.array(z.string().max(40)).max(200),
  }),
  searchFields: z.array(z.string().max(40)).max(8).optional(),
  secondPerson: z.array(z.enum(GUARDED_ACTS)).max(GUARDED_ACTS.length),
  renewalDays: days,
  statusWords: z.partialRecord(z.enum(licenceStates), z.strictObject({ code: text(10), zh: text(20) })),
  uniqueBy: z.enum(['holder', 'nothing']),
  body: z.enum(['template', 'uploaded']),
  retention: z.strictObject({ archiveAfterDays: days, eraseAfterDays: days.nullable() }),
}) satisfies z.ZodType<TypeEntry>

export const listQuery = z.strictObject({
  q: text(100).optional(),
  authority: z.string().max(18).optional(),
  holder: z.enum(HOLDER_KINDS).optional(),
  category: z.enum(CATEGORIES).optional(),
  sharing: z.enum(SHARING_CLASSES).optional(),
})
export const typeParams = z.object({ typeCode: z.string().max(40) })
export const draftBody = z.strictObject({
  entry,
  replaces: digest.nullable().describe('Digest of the entry that was read; null for a type that is new'),
})
export const stepBody = z.strictObject({ entryDigest: digest })
const offset = z.number().min(-300).max(300)
export const assignmentBody = z.strictObject({
  departmentCode: z.string().length(18),
  sealId: text(64),
  coSeals: z
    .array(z.strictObject({ sealId: text(64), offsetMm: z.strictObject({ x: offset, y: offset }) }))
    .max(10)
    .optional(),
})
export const importBody = z.strictObject({
  file: z.string().max(8 << 20),
  signer: z.string().max(64).optional().describe('Thumbprint of the key, as the trial run told it'),
  apply: z.boolean().optional().describe('Left out: a trial run'),
})
export const importedEntry = z.object({ typeCode, entry })

const elements = z.looseObject({ CertificateTypeCode: z.string(), CertificateTypeName: z.string() })
const named = z.object({ zh: z.string(), en: z.string() })
export const catalogueAnswer = z.object({
  types: z.array(
    z.object({
      typeCode: z.string(),
      version: z.number(),
      name: named,
      category: z.enum(CATEGORIES),
      sharing: z.enum(SHARING_CLASSES),
      hasTemplate: z.boolean(),
      elements: elements.describe('GB/T 36902'),
      issuers: z.array(z.object({ code: z.string(), name: named })),
    }),
  ),
})
const instant = z.iso.datetime().nullable()
export const versionAnswer = z.object({
  typeCode: z.string(),
  version: z.number(),
  state: z.enum(TYPE_STATES),
  entry: z.looseObject({ name: named }),
  entryDigest: z.string(),
  keeper: z.string().nullable(),
  writers: z.array(z.string()),
  writtenAt: instant,
  reviewedBy: z.string().nullable(),
  reviewedAt: instant,
  publishedBy: z.string().nullable(),
  publishedAt: instant,
  retiredBy: z.string().nullable(),
  retiredAt: instant,
})
export const versionsAnswer = z.object({ versions: z.array(versionAnswer) })
export const importAnswer = z.object({
  signer: z.string(),
  issuer: z.string(),
  issuedAt: z.iso.datetime(),
  added: z.array(z.string()),
  changed: z.array(z.string()),
  same: z.array(z.string()),
  refused: z.array(z.object({ typeCode: z.string(), why: z.string() })),
  applied: z.boolean(),
})
const counts = z.record(z.string(), z.number())
export const statisticsAnswer = z.object({
  types: z.number(),
  byState: counts,
  byCategory: counts,
  bySharing: counts,
  byHolder: counts,
  byLevel: counts,
  withoutTemplate: z.number(),
  withoutIssuer: z.number(),
})
