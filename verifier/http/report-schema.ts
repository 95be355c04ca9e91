import { z } from 'zod'

// The answer of POST /api/verifications as OpenAPI shows it; `verifier/report.ts` is the type behind it.

const text = z.object({ zh: z.string(), en: z.string() })
const indication = z.enum(['TOTAL-PASSED', 'INDETERMINATE', 'TOTAL-FAILED'])
const verdict = z.enum(['accepted', 'refused', 'undecided'])

const signature = z.object({
  field: z.string(),
  type: z.enum(['signature', 'document-time-stamp']),
  integrity: z.enum(['intact', 'broken', 'not-checkable']),
  byteRange: z.enum(['ok', 'bad']),
  coversWholeFile: z.boolean(),
  laterChanges: z.enum(['none', 'permitted', 'not-permitted', 'undecided']),
  changes: z.array(
    z.object({
      verdict: z.enum(['permitted', 'not-permitted', 'undecided']),
      kind: z.string(),
      object: z.number().nullable(),
      page: z.number().nullable(),
      rect: z.array(z.number()).length(4).nullable(),
      detail: z.string(),
    }),
  ),
  revisionEnd: z.number().nullable(),
  level: z.enum(['B-B', 'B-T', 'B-LT', 'B-LTA', 'not-pades']),
  indication,
  subIndication: z.string().nullable(),
  signedBy: z.string().nullable(),
  bestSignatureTime: z.string(),
  claimedSigningTime: z.string().nullable(),
  signedDigest: z.string().nullable(),
  bbb: z.record(z.string(), z.object({ indication: z.string(), subIndication: z.string().nullable() }).nullable()),
})

const judgement = {
  verdict,
  reason: z.string(),
  validationTime: z.string(),
  question: z
    .object({ inForceAt: z.string().optional(), scannedStatement: z.string().optional() })
    .optional()
    .describe('What was asked beside; licence.status answers it'),
  policy: z.object({ id: z.string(), digest: z.string() }),
  licence: z
    .object({
      identifier: z.string(),
      status: z.string(),
      asOf: z.string().nullable(),
      copy: z
        .object({
          copyId: z.string(),
          cause: z.string().optional(),
          recipient: z.string().optional(),
          creator: z.string().optional(),
          createdAt: z.string().optional(),
          expiresAt: z.string(),
        })
        .optional()
        .describe('There where it is a copy for one purpose (加注件): the status is its own'),
      issuerEntitled: z.boolean().nullable(),
      replacedBy: z.string().nullable(),
    })
    .nullable(),
  statement: z
    .object({
      holder: z.string(),
      number: z.string(),
      validFrom: z.string(),
      validUntil: z.string().nullable(),
      issuedAt: z.string(),
      typeName: text.nullable(),
      issuerName: text.nullable(),
    })
    .nullable(),
  lists: z
    .array(
      z.object({
        kind: z.enum(['trust-list', 'status-list']),
        key: z.string(),
        name: z.string().nullable(),
        sequence: z.number().nullable(),
        issuedAt: z.string(),
        validUntil: z.string().nullable(),
        digest: z.string(),
      }),
    )
    .describe('The signed lists that were believed'),
  findings: z.array(
    z.object({
      check: z.string(),
      outcome: z.enum(['passed', 'failed', 'undecided', 'info']),
      code: z.string(),
      message: text,
      field: z.string().optional(),
    }),
  ),
  explanation: z.object({
    word: text,
    sentence: text,
    answers: z.array(
      z.object({
        question: z.enum(['seal', 'licence', 'issuer']),
        outcome: z.enum(['yes', 'no', 'unknown']),
        sentence: text,
      }),
    ),
  }),
}

export const reportSchema = z.union([
  z.object({
    file: z.string(),
    ...judgement,
    indication,
    subIndication: z.string().nullable(),
    documentChangedAfterSeal: z.boolean(),
    signatures: z.array(signature),
  }),
  z.object({
    text: z.string(),
    ...judgement,
    identifier: z.string().nullable(),
    status: z.string().nullable(),
    asOf: z.string().nullable(),
  }),
])

/** What the register says of a digest. */
export const digestSchema = z.object({
  sealedDigest: z.string(),
  identifier: z.string().nullable(),
  verdict,
  status: z.string(),
  asOf: z.string(),
  replacedBy: z.string().nullable(),
  sentence: text,
})

const progress = {
  id: z.string(),
  state: z.enum(['running', 'done']),
  total: z.int(),
  done: z.int(),
  expiresAt: z.string().nullable().describe('When the results are deleted; null while it runs'),
}

/** 202 of POST /api/verifications. */
export const acceptedSchema = z.object(progress)

/** GET /api/verifications/{id}. */
export const jobSchema = z.object({
  ...progress,
  results: z
    .array(
      z.union([
        z.object({ index: z.int(), name: z.string().optional(), report: z.union([reportSchema, digestSchema]) }),
        z.object({
          index: z.int(),
          name: z.string().optional(),
          problem: z.object({ code: z.string(), detail: z.string() }),
        }),
      ]),
    )
    .nullable()
    .describe('In the order of the items; null while it runs'),
})
