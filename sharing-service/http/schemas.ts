import { z } from 'zod'
import { time } from '../../platform/http/index.ts'
import { changeTopics } from '../domain/subscription.ts'

const words = z.object({ zh: z.string(), en: z.string() })
const fieldName = z.string().min(1).max(80)
const fieldNames = z.array(fieldName).max(200)
const departmentCode = z.string().regex(/^[0-9A-Z]{18}$/)
const typeCode = z.string().regex(/^[0-9A-Z]{21}$/)
const identifier = z.string().min(1).max(120)
const matterCode = z.string().trim().min(1).max(60)

/** What every fetch says of itself. */
const why = {
  matterCode: matterCode.describe('Code of a matter (事项) of the own department'),
  purpose: z.string().trim().min(1).max(200).describe('What it is fetched for (用证事由); the holder reads it'),
  legalBasis: z.string().trim().min(1).max(500).optional(),
}

const holderCode = z.string().trim().min(1).max(64)

export const searchBody = z.strictObject({ ...why, holderCode, typeCode })
export const dataBody = z.strictObject({ ...why, identifier, fields: fieldNames.default([]) })
export const fileBody = z.strictObject({
  ...why,
  identifier,
  fields: fieldNames.default([]),
  expiresAt: time,
})
export const fileCheckBody = z.strictObject({
  ...why,
  typeCode: typeCode.optional(),
  content: z.base64().min(1).describe('The PDF in base64'),
})
export const dataCheckBody = z.strictObject({
  ...why,
  typeCode,
  data: z
    .record(fieldName, z.string().max(2000))
    .refine((data) => Object.keys(data).length <= 100, 'expected at most 100 fields'),
})
export const qrCheckBody = z.strictObject({
  ...why,
  text: z.string().min(1).max(2000),
  fields: fieldNames.optional(),
})
export const prefillBody = z.strictObject({ ...why, formCode: z.string().trim().min(1).max(100), holderCode })

const licence = z.object({
  identifier: z.string(),
  typeCode: z.string(),
  typeName: words,
  issuerCode: z.string(),
  issuerName: z.string(),
  status: z.string(),
  checkCode: z.number(),
  statusAsOf: z.string(),
  issuedOn: z.string().nullable(),
  validFrom: z.string().nullable(),
  validUntil: z.string().nullable(),
  origin: z.enum(['issued', 'collected']),
  source: z.string().nullable(),
})

const values = z.record(z.string(), z.unknown())
const refused = z.array(z.object({ field: z.string(), why: z.string() }))
const data = z.object({ licence, fields: values, refused })

export const searchAnswer = z.object({ items: z.array(licence) })
export const dataAnswer = data
export const fileCheckAnswer = z.object({
  code: z.number(),
  verdict: z.string(),
  identifier: z.string().nullable(),
  status: z.string().nullable(),
})
export const dataCheckAnswer = z.object({ code: z.number(), meaning: words })
export const qrCheckAnswer = z.object({
  verdict: z.string(),
  identifier: z.string().nullable(),
  status: z.string().nullable(),
  data: data.nullable(),
})
export const prefillAnswer = z.object({
  values,
  sources: z.record(z.string(), licence),
  missing: z.array(z.object({ formField: z.string(), why: z.string() })),
})

export const matterBody = z.strictObject({
  matterCode,
  name: z.string().trim().min(1).max(200),
  clientIds: z.array(z.string().min(1).max(64)).max(20).default([]),
})
export const matterParams = z.object({ matterCode: z.string().max(60) })
export const matterAnswer = z.object({
  matterCode: z.string(),
  name: z.string(),
  clientIds: z.array(z.string()),
  createdAt: z.string(),
})

export const agreementBody = z.strictObject({
  consumerCode: departmentCode,
  typeCode,
  matterCodes: z.array(matterCode).min(1).max(100),
  fields: fieldNames.min(1),
  legalBasis: z.string().trim().min(1).max(500),
  validFrom: time,
  validUntil: time,
  dailyUses: z.number().int().min(1).max(10_000_000),
  dailyHolders: z.number().int().min(1).max(10_000_000),
})
export const agreementParams = z.object({ agreementId: z.uuid() })
export const agreementAnswer = z.object({
  id: z.string(),
  providerCode: z.string(),
  consumerCode: z.string(),
  typeCode: z.string(),
  matterCodes: z.array(z.string()),
  fields: z.array(z.string()),
  legalBasis: z.string(),
  validFrom: z.string(),
  validUntil: z.string(),
  dailyUses: z.number(),
  dailyHolders: z.number(),
  state: z.enum(['proposed', 'accepted', 'refused', 'ended']),
  proposedAt: z.string(),
  decidedAt: z.string().nullable(),
  endedAt: z.string().nullable(),
})

export const prefillMapBody = z.strictObject({
  fields: z
    .array(z.strictObject({ formField: z.string().trim().min(1).max(200), typeCode, field: fieldName }))
    .min(1)
    .max(200),
})
export const formParams = z.object({ formCode: z.string().min(1).max(100) })
export const prefillMapAnswer = z.object({
  formCode: z.string(),
  version: z.number(),
  fields: z.array(z.object({ formField: z.string(), typeCode: z.string(), field: z.string() })),
  madeAt: z.string(),
})

export const page = z.object({
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z.string().max(200).optional(),
})
export const pageOf = <Item extends z.ZodType>(item: Item) =>
  z.object({ items: z.array(item), next: z.string().nullable() })

export const accessAnswer = z.object({
  at: z.string(),
  what: z.string(),
  callerId: z.string(),
  callerKind: z.string(),
  departmentCode: z.string(),
  matterCode: z.string(),
  purpose: z.string().nullable(),
  legalBasis: z.string().nullable(),
  typeCode: z.string().nullable(),
  identifier: z.string().nullable(),
  fields: z.array(z.string()),
  answer: z.string(),
  agreementId: z.string().nullable(),
})

const position = z.string().regex(/^\d{1,18}$/)
export const subscriptionParams = z.object({ subscriptionId: z.uuid() })
export const subscriptionBody = z.strictObject({
  address: z.string().min(1).max(500),
  topics: z.array(z.enum(changeTopics)).min(1).max(40),
  fromPosition: position.optional().describe('Changes from this position on; left out: those to come'),
})
export const replayBody = z.strictObject({ fromPosition: position })
export const subscriptionAnswer = z.object({
  id: z.string(),
  address: z.string(),
  topics: z.array(z.string()),
  createdAt: z.string(),
  position: z.string(),
})
export const standingAnswer = subscriptionAnswer.extend({ waiting: z.number(), givenUp: z.number() })
export const givenUpAnswer = z.object({
  items: z.array(z.object({ position: z.string(), fault: z.string(), at: z.string() })),
})
