import { z } from 'zod'
import { comparedTime, formatSchema, instant } from '../../platform/http/index.ts'
import { levels } from '../domain/level.ts'

/** No calendar of the database has a year 0000. */
export const day = z.iso.date().regex(/^(?!0000)/)
const digest = z.string().regex(/^[0-9a-f]{64}$/)
const words = z.object({ zh: z.string(), en: z.string() })

/** Statuses a department meets; the public never sees `pending` and `rejected`. */
const statuses = [
  'pending',
  'rejected',
  'not yet in force',
  'in force',
  'suspended',
  'revoked',
  'withdrawn',
  'cancelled',
  'transferred',
  'superseded',
  'expired',
  'unknown',
] as const
export const status = z.enum(statuses)

/** Where a licence comes from. */
export const originMembers = {
  origin: z.enum(['issued', 'collected']).describe('Made here, or by another system and taken in'),
  source: z.string().nullable().describe('The system that made it'),
  statusReportedAt: instant.nullable().describe('Up to when that system has told of its state'),
}

export const documentQuery = z.strictObject({
  for: z
    .enum(['document', 'picture'])
    .optional()
    .describe('picture: a page shows it and keeps no file; the holder is told so'),
})
export const identifierParams = z.object({ identifier: z.string().max(120) })
export const digestParams = z.object({
  sealedDigest: z
    .string()
    .regex(/^[0-9a-fA-F]{64}$/)
    .toLowerCase()
    .describe("SHA-256 (hex) of the signed byte ranges of the document's last seal"),
})
export const tokenParams = z.object({ token: z.string().max(64) })
export const listParams = z.object({
  id: z
    .string()
    .regex(/^\d{1,9}$/)
    .transform(Number),
})

export const data = z
  .record(z.string().max(100), z.unknown())
  .describe('Values by field name, as /api/catalogue/{typeCode} describes them')
const millimetres = z.number().min(0).max(60_000)
const bodyPlace = z
  .strictObject({ page: z.number().int().min(0).max(100_000), x: millimetres, y: millimetres })
  .optional()
export const body = z
  .strictObject({
    digest: digest.describe('As POST /api/licence-bodies answered it'),
    qr: bodyPlace.describe('Lower left corner of the QR code: page from 0, millimetres as shown from the lower left'),
    seal: bodyPlace.describe('Centre of the seal, counted in the same way'),
  })
  .optional()
  .describe('Of a type whose document is uploaded: which one. Places that are left out are those of the type')
export const previewBody = z.strictObject({
  typeCode: z.string().max(40),
  data,
  body,
  showTaken: z
    .boolean()
    .optional()
    .describe('Shows the frame of the QR code also where it lies over text, for whoever looks for a better place'),
})
export const issueBody = z.strictObject({
  typeCode: z.string().max(40),
  data,
  level: z
    .string()
    .max(10)
    .optional()
    .describe(
      `One of ${levels.join(', ')}; left out: B-LT, or B-LTA for licences valid for more than ten years or without end`,
    ),
  body,
})
export const reason = z.string().trim().min(1).max(500)
const effectiveAt = comparedTime.optional().describe('Default now; not in the future and not before the last change')
export const changeBody = z.strictObject({ reason, effectiveAt })
export const replaceBody = z.strictObject({ reason, effectiveAt, data, level: z.string().max(10).optional(), body })
export const openingBody = z.strictObject({ lastSix: z.string().max(32) })

export const listQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z.string().max(60).optional(),
  status: status.exclude(['unknown']).optional(),
  typeCode: z.string().max(40).optional(),
  number: z.string().max(100).optional(),
})
export const searchBody = z.strictObject({
  limit: z.number().int().min(1).max(200).default(50),
  cursor: z.string().max(60).optional(),
  status: status.exclude(['unknown']).optional(),
  typeCode: z.string().max(40).optional(),
  number: z.string().trim().min(1).max(100).optional(),
  identifier: z.string().trim().min(1).max(120).optional(),
  holderCode: z.string().trim().min(1).max(100).optional().describe('In full, as it stands on the licence'),
  holderName: z.string().trim().min(1).max(200).optional().describe('In full'),
  field: z
    .strictObject({ name: z.string().max(40), value: z.string().trim().min(1).max(500) })
    .optional()
    .describe('A value in full, of a field that the entry of the type asked for names in searchFields'),
})
export const exportBody = searchBody.omit({ limit: true, cursor: true }).extend(formatSchema.shape)
export const statusQuery = z.strictObject({
  asOf: comparedTime.optional().describe('An instant in the past'),
})

export const definitionAnswer = z.looseObject({
  typeCode: z.string(),
  templateVersion: z.number(),
  name: words,
  groups: z.array(z.unknown()),
  fields: z.array(z.unknown()),
  example: z.record(z.string(), z.unknown()),
})
const links = z.object({ self: z.string(), document: z.string(), status: z.string(), verification: z.string() })
export const issuedAnswer = z.object({
  identifier: z.string(),
  number: z.string(),
  status: z.literal('in force'),
  dataDigest: digest,
  sealedDigest: digest,
  links,
})
export const listAnswer = z.object({
  items: z.array(
    z.object({
      identifier: z.string(),
      typeCode: z.string(),
      typeName: z.string(),
      number: z.string(),
      holder: z.string().describe('Masked'),
      status,
      issuedOn: day,
      validUntil: day.nullable(),
      origin: originMembers.origin,
    }),
  ),
  next: z.string().nullable(),
})
export const licenceAnswer = z.object({
  identifier: z.string(),
  typeCode: z.string(),
  number: z.string(),
  status,
  data: z.looseObject({}).nullable().describe('licence.json; null once erased'),
  dataDigest: digest,
  sealedDigest: digest.nullable(),
  ...originMembers,
  level: z.enum(levels).nullable().describe('Level of the seal, as verified'),
  targetLevel: z.enum(levels).describe('The level it is raised to as soon as that can be had'),
  replaces: z.string().nullable(),
  replacedBy: z.string().nullable(),
  history: z.array(
    z.object({
      at: instant.describe('When it was recorded'),
      effectiveAt: instant,
      event: z.string(),
      status: z.string(),
      reason: z.string().nullable(),
      legalBasis: z.string().nullable(),
      cause: z.string().nullable().describe('Why, where the event alone does not say it'),
      secondPerson: z.string().nullable().describe('Who approved it'),
      by: z.string(),
      related: z.string().nullable(),
    }),
  ),
  looks: z.array(z.object({ at: instant, what: z.string() })).describe('Who came by holder links'),
  links,
})
export const statusAnswer = z.object({
  identifier: z.string(),
  status: status.exclude(['pending', 'rejected']),
  asOf: instant.describe('Of a collected licence not after statusReportedAt'),
  ...originMembers,
  validFrom: day.nullable(),
  validUntil: day.nullable(),
  dataDigest: digest.nullable(),
  sealedDigest: digest.nullable(),
  replaces: z.string().nullable(),
  replacedBy: z.string().nullable(),
  history: z
    .array(z.object({ status: status.exclude(['pending', 'rejected']), from: instant }))
    .describe('Which state held from when on, oldest first; days of validity are not in it'),
})
export const digestStatusAnswer = z.union([
  statusAnswer,
  z.object({ identifier: z.null(), status: z.literal('unknown'), asOf: instant }),
])
export const changedAnswer = z.object({ identifier: z.string(), status, effectiveAt: instant, recordedAt: instant })
export const createdLinkAnswer = z.object({ url: z.string(), expiresAt: instant, qrSvg: z.string() })
export const seenLinkAnswer = z.object({
  typeName: words,
  issuer: words,
  expiresAt: instant,
  attemptsLeft: z.number().int(),
  locked: z.boolean(),
})
export const openedAnswer = z.object({
  accessToken: z.string(),
  expiresAt: instant,
  licence: z.object({
    identifier: z.string(),
    typeName: words,
    number: z.string(),
    status,
    validFrom: day,
    validUntil: day.nullable(),
    fields: z.array(z.object({ name: z.string(), label: words, value: z.unknown() })),
  }),
})
