// What the routes of documents take and answer.
import { z } from 'zod'
import { certifications, type DocumentTerms, documentIdentifier, mostPlaces } from '../domain/document-order.ts'
import { levels } from '../domain/level.ts'
import type { DocumentAccess } from '../store/document-accesses.ts'
import type { DocumentRecord } from '../store/documents.ts'

const page = z
  .number()
  .int()
  .min(-100_000)
  .max(100_000)
  .refine((number) => number !== 0, 'pages count from 1, or from the end by negative numbers')
const pages = z.tuple([page, page])
const millimetres = z.number().min(-20_000).max(20_000)
const size = z.number().min(1).max(1_000)

const placeSchema = z.discriminatedUnion('at', [
  z.strictObject({ at: z.literal('point'), page, x: millimetres, y: millimetres }),
  z.strictObject({
    at: z.literal('text'),
    text: z.string().min(1).max(200),
    occurrence: z.union([z.enum(['first', 'last', 'all']), z.number().int().min(1).max(1_000)]).default('first'),
    pages: pages.optional(),
    right: millimetres.optional(),
    up: millimetres.optional(),
  }),
  z.strictObject({
    at: z.literal('edge'),
    edge: z.enum(['left', 'right']).default('right'),
    pages: pages.optional(),
    y: millimetres.optional(),
    mostPages: z.number().int().min(2).max(200).optional(),
  }),
])

const fieldName = z
  .string()
  .min(1)
  .max(100)
  .regex(/^[^.\p{Cc}]+$/u, 'a name without full stop')

const orderMembers = {
  places: z.array(placeSchema).max(mostPlaces).default([]),
  field: z.string().min(1).max(200).optional(),
  certification: z.enum(certifications).optional(),
  fields: z
    .array(z.strictObject({ name: fieldName, page, x: millimetres, y: millimetres, width: size, height: size }))
    .max(10)
    .optional(),
  reason: z.string().trim().min(1).max(200).optional(),
  level: z.enum(levels).default('B-LT'),
  templateCode: z
    .string()
    .regex(/^[0-9A-Za-z][0-9A-Za-z._-]{0,63}$/)
    .nullable()
    .default(null),
  keep: z.boolean().default(false),
}

/** How documents are to be sealed; millimetres on the page as shown, from its lower left corner. */
export const orderSchema = z.strictObject({ ...orderMembers, batch: z.boolean().default(false) })

export type AskedOrder = z.output<typeof orderSchema>

export const toTerms = ({ batch: _, ...terms }: AskedOrder): DocumentTerms => terms

export const documentSchema = z.object({
  id: z.string(),
  /** What uses and the ledger call it. */
  identifier: z.string(),
  batchId: z.string(),
  sealId: z.string(),
  name: z.string(),
  sizeBytes: z.number(),
  /** SHA-256 of what was handed in, lower-case hexadecimal. */
  unsignedDigest: z.string(),
  state: z.enum(['waiting', 'sealed', 'refused']),
  stateChangedAt: z.iso.datetime(),
  refusal: z.object({ code: z.string(), detail: z.string() }).nullable(),
  useId: z.string().nullable(),
  level: z.enum(levels).nullable(),
  shortfall: z.string().nullable(),
  /** Where the sealed document is to be had; null where it is not kept. */
  content: z.string().nullable(),
  keptUntil: z.iso.datetime().nullable(),
})

export const toDocumentJson = (document: DocumentRecord): z.input<typeof documentSchema> => ({
  id: document.id,
  identifier: documentIdentifier(document.id),
  batchId: document.orderId,
  sealId: document.sealId,
  name: document.name,
  sizeBytes: document.sizeBytes,
  unsignedDigest: Buffer.from(document.unsignedDigest).toString('hex'),
  state: document.state,
  stateChangedAt: document.stateChangedAt.toISOString(),
  refusal: document.refusal,
  useId: document.useId,
  level: document.level,
  shortfall: document.shortfall,
  content:
    document.state === 'sealed' && document.kept !== null
      ? `/api/seals/${document.sealId}/documents/${document.id}/content`
      : null,
  keptUntil: document.state === 'sealed' ? (document.kept?.until?.toISOString() ?? null) : null,
})

/** A document with who was handed it while it is kept, and who removed it, newest first, 200 at most. */
export const documentWithAccessesSchema = documentSchema.extend({
  accesses: z.array(
    z.object({
      what: z.enum(['read', 'removed']),
      by: z.string(),
      byName: z.string().nullable(),
      at: z.iso.datetime(),
    }),
  ),
})

export const toAccessJson = ({
  what,
  callerId,
  callerName,
  at,
}: DocumentAccess): z.input<typeof documentWithAccessesSchema>['accesses'][number] => ({
  what,
  by: callerId,
  byName: callerName,
  at: at.toISOString(),
})

export const batchSchema = z.object({
  id: z.string(),
  state: z.enum(['running', 'done']),
  total: z.number(),
  sealed: z.number(),
  refused: z.number(),
  documents: z.array(documentSchema),
})

const length = z.number()
export const previewSchema = z.object({
  pages: z.array(z.object({ width: length, height: length })),
  signatures: z.number(),
  docMdp: z.number().nullable(),
  emptyFields: z.array(z.string()),
  risks: z.array(z.object({ kind: z.string(), page: z.number().nullable(), detail: z.string() })),
  places: z.array(
    z.union([
      z.object({
        marks: z.array(
          z.object({
            page: z.number(),
            ...{ x: length, y: length, width: length, height: length },
            strip: z.array(z.number()).nullable(),
          }),
        ),
      }),
      z.object({ code: z.string(), detail: z.string() }),
    ]),
  ),
})
