import { z } from 'zod'
import { time } from '../../platform/http/index.ts'
import { sealActions, sealKeyAlgorithms, sealKinds, sealNotes, sealStates } from '../domain/seal.ts'

export const sealParams = z.object({ sealId: z.string().max(20) })

const words = (most: number) => z.string().trim().min(1).max(most)
const reason = words(500)
const digest = z.string().regex(/^[0-9a-fA-F]{64}$/)
const kinds = Object.keys(sealKinds) as [keyof typeof sealKinds, ...(keyof typeof sealKinds)[]]
/** What a picture is drawn from; its faults are told one by one when it is read. */
const picture = z.looseObject({ shape: z.string() })

export const applicationSchema = z.object({
  name: words(100),
  nameEn: words(200).nullable().default(null),
  kindCode: z.enum(kinds),
  picture,
  keyAlgorithm: z.enum(sealKeyAlgorithms).default('ec-p256'),
  certificate: z.enum(['own', 'outside']).default('own'),
  typeCodes: z
    .array(z.string().regex(/^[0-9A-Z.]{1,40}$/))
    .max(200)
    .default([]),
  physicalSealNumber: z.string().max(20).nullable().default(null),
  replaces: z.string().max(20).nullable().default(null),
  reason,
  legalBasis: words(500).nullable().default(null),
  files: z
    .array(z.object({ digest: digest.transform((text) => text.toLowerCase()), title: words(100) }))
    .max(20)
    .default([]),
})

const simple = <const Name extends string>(action: Name) => z.object({ action: z.literal(action) })
const withReason = <const Name extends string>(action: Name) => z.object({ action: z.literal(action), reason })
const ending = <const Name extends string>(action: Name) =>
  z.object({
    action: z.literal(action),
    reasonCode: z.string().max(40),
    reason,
    legalBasis: words(500),
    effectiveAt: time.optional(),
  })
/** PEM, one after the other. */
const certificates = z.string().max(400_000).optional()

const furtherTypes = z
  .array(z.string().regex(/^[0-9A-Z]{21}$/))
  .min(1)
  .max(200)

export const actSchema = z.discriminatedUnion('action', [
  z.object({ action: z.literal('approve'), applicationDigest: digest, reason: reason.optional() }),
  ...(['abandon', 'ask-for-more', 'reject', 'decline', 'suspend', 'restore', 'recover', 'collect'] as const).map(
    withReason,
  ),
  ...(['drop-ending', 'order-destruction', 'destroy'] as const).map(withReason),
  z.object({ action: z.literal('draw'), picture: picture.optional() }),
  z.object({ action: z.literal('approve-picture'), pictureDigest: digest }),
  ...(['wait', 'file', 'accept'] as const).map(simple),
  z.object({ action: z.literal('make'), certificates }),
  z.object({ action: z.literal('renew'), certificates }),
  z.object({ action: z.literal('issue'), keeperId: z.string().max(100) }),
  z.object({ action: z.literal('return'), keeperId: z.string().max(100), reason }),
  z.object({ action: z.literal('report-lost'), reason, lostAt: time.optional() }),
  z.object({ action: z.literal('order-types'), typeCodes: furtherTypes, reason, legalBasis: words(500).optional() }),
  z.object({ action: z.literal('change-types'), typeCodes: furtherTypes, reason: reason.optional() }),
  withReason('refuse-types'),
  ...(['revoke', 'withdraw', 'cancel'] as const).map(ending),
])

export const lifeAnswerSchema = z.object({ id: z.string(), state: z.enum(sealStates), at: z.iso.datetime() })

export const appliedSchema = lifeAnswerSchema.extend({ version: z.number(), applicationDigest: z.string() })

export const listedSealSchema = z.object({
  id: z.string(),
  departmentCode: z.string(),
  name: z.string(),
  nameEn: z.string().nullable(),
  kindCode: z.enum(kinds),
  diameterMm: z.number(),
  heightMm: z.number(),
  typeCodes: z.array(z.string()),
  state: z.enum(sealStates),
  stateChangedAt: z.iso.datetime(),
  effectiveAt: z.iso.datetime().nullable(),
  validUntil: z.iso.datetime().nullable(),
  keeperId: z.string().nullable(),
  keeperName: z.string().nullable(),
  physicalSealNumber: z.string().nullable(),
  replaces: z.string().nullable(),
  picture: z.string(),
})

export const searchQuery = z.object({
  /** Several, with commas between. */
  state: z
    .string()
    .max(300)
    .transform((text) => text.split(','))
    .pipe(z.array(z.enum(sealStates)).min(1))
    .optional(),
  departmentCode: z.string().max(18).optional(),
  q: words(100).optional(),
  after: z.string().max(20).optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
})

const steps = Object.keys(sealActions) as (keyof typeof sealActions)[]
const actions = [...steps, ...sealNotes] as const

export const sealLifeSchema = listedSealSchema.extend({
  createdAt: z.iso.datetime(),
  acceptedAt: z.iso.datetime().nullable(),
  makerDepartment: z.string().nullable(),
  pictureSpec: z.looseObject({ shape: z.string() }),
  timeline: z.array(
    z.object({
      action: z.enum(actions),
      state: z.enum(sealStates),
      at: z.iso.datetime(),
      effectiveAt: z.iso.datetime().nullable(),
      callerId: z.string(),
      callerName: z.string().nullable(),
      callerDepartment: z.string().nullable(),
      reason: z.string().nullable(),
      detail: z.record(z.string(), z.unknown()).nullable(),
    }),
  ),
  application: z
    .object({
      version: z.number(),
      digest: z.string(),
      applicantName: z.string(),
      at: z.iso.datetime(),
      form: z.record(z.string(), z.unknown()),
    })
    .nullable(),
  drawnPicture: z
    .object({ version: z.number(), digest: z.string(), isApproved: z.boolean(), address: z.string() })
    .nullable(),
  filings: z.array(z.object({ kind: z.string(), recordNumber: z.string(), at: z.iso.datetime() })),
  dueAt: z.iso.datetime().nullable(),
  endsAt: z.iso.datetime().nullable(),
  mayDo: z.array(z.enum(actions)),
})

export const tasksSchema = z.object({
  items: z.array(
    z.object({
      seal: listedSealSchema,
      actions: z.array(z.enum(actions)),
      dueAt: z.iso.datetime().nullable(),
      isOverdue: z.boolean(),
      closedOwner: z.object({ successorCode: z.string().nullable() }).nullable(),
    }),
  ),
})

export const statisticsSchema = z.object({
  states: z.array(z.object({ state: z.enum(sealStates), count: z.number() })),
  /** Days in China's time zone; those without a use are left out. */
  uses: z.array(z.object({ day: z.string(), departmentCode: z.string(), count: z.number() })),
})

export const handedFileSchema = z.object({
  digest: z.string(),
  name: z.string(),
  mediaType: z.string(),
  sizeBytes: z.number(),
})
