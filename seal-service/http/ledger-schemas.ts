// Uses and affected documents as JSON and as rows of a table.
import { z } from 'zod'
import type { Table } from '../../platform/http/index.ts'
import { toHex } from '../domain/ledger.ts'
import type { AffectedPage } from '../operations/ledger/affected-uses.ts'
import type { AffectedUse } from '../store/affected.ts'
import { type UseRecord, usePhases } from '../store/use-records.ts'

export const useSchema = z.object({
  useId: z.string(),
  phase: z.enum(usePhases),
  at: z.string(),
  sealId: z.string(),
  identifier: z.string(),
  typeCode: z.string(),
  /** SHA-256, lower-case hexadecimal. */
  unsignedDigest: z.string(),
  signedDigest: z.string().nullable(),
  callerId: z.string(),
  callerDepartment: z.string(),
  authorisationId: z.string().nullable(),
  refusal: z.string().nullable(),
  /** Number of its link in the ledger; null while it waits for it. */
  sequence: z.number().nullable(),
})

export function toUseJson(use: UseRecord): z.input<typeof useSchema> {
  return {
    ...use,
    at: use.at.toISOString(),
    unsignedDigest: toHex(use.unsignedDigest),
    signedDigest: use.signedDigest && toHex(use.signedDigest),
  }
}

export const useTable: Table<UseRecord> = {
  columns: [
    { zh: '时间', en: 'time', of: ({ at }) => at.toISOString() },
    { zh: '阶段', en: 'phase', of: ({ phase }) => phase },
    { zh: '印章编码', en: 'seal', of: ({ sealId }) => sealId },
    { zh: '文件标识', en: 'document', of: ({ identifier }) => identifier },
    { zh: '类型', en: 'type', of: ({ typeCode }) => typeCode },
    { zh: '使用人', en: 'caller', of: ({ callerId }) => callerId },
    { zh: '使用单位', en: 'department', of: ({ callerDepartment }) => callerDepartment },
    { zh: '授权', en: 'authorisation', of: ({ authorisationId }) => authorisationId },
    { zh: '拒绝原因', en: 'refusal', of: ({ refusal }) => refusal },
    { zh: '签章前摘要', en: 'digest before', of: ({ unsignedDigest }) => toHex(unsignedDigest) },
    { zh: '签章摘要', en: 'signed digest', of: ({ signedDigest }) => signedDigest && toHex(signedDigest) },
    { zh: '用印编号', en: 'use', of: ({ useId }) => useId },
    { zh: '链序号', en: 'link', of: ({ sequence }) => sequence },
  ],
  toJson: toUseJson,
}

const affectedUseSchema = z.object({
  useId: z.string(),
  phase: z.enum(usePhases),
  at: z.string(),
  identifier: z.string(),
  typeCode: z.string(),
  signedDigest: z.string().nullable(),
  callerId: z.string(),
  stampedAt: z.string().nullable(),
  standing: z.enum(['earlier', 'doubtful']),
  proof: z.enum(['time-stamp', 'checkpoint']).nullable(),
})

export const affectedSchema = z.object({
  since: z.string(),
  checkpoint: z.object({ number: z.number(), sequence: z.number(), signedAt: z.string() }).nullable(),
  counts: z.object({ earlier: z.number(), doubtful: z.number() }),
  items: z.array(affectedUseSchema),
  next: z.string().nullable(),
})

const standingOf = ({ proof }: AffectedUse) => (proof === null ? 'doubtful' : 'earlier')

function toAffectedUseJson(use: AffectedUse): z.input<typeof affectedUseSchema> {
  return {
    ...use,
    at: use.at.toISOString(),
    signedDigest: use.signedDigest && toHex(use.signedDigest),
    stampedAt: use.stampedAt?.toISOString() ?? null,
    standing: standingOf(use),
  }
}

export function toAffectedJson({
  since,
  checkpoint,
  counts,
  uses,
  next,
}: AffectedPage): z.input<typeof affectedSchema> {
  return {
    since: since.toISOString(),
    checkpoint: checkpoint && { ...checkpoint, signedAt: checkpoint.signedAt.toISOString() },
    counts,
    items: uses.map(toAffectedUseJson),
    next,
  }
}

const STANDINGS = { earlier: '可证明在先', doubtful: '存疑' } as const

export const affectedTable: Table<AffectedUse> = {
  columns: [
    { zh: '结论', en: 'standing', of: (use, lang) => (lang === 'zh' ? STANDINGS[standingOf(use)] : standingOf(use)) },
    { zh: '依据', en: 'proof', of: ({ proof }) => proof },
    { zh: '时间', en: 'time', of: ({ at }) => at.toISOString() },
    { zh: '时间戳', en: 'time stamp', of: ({ stampedAt }) => stampedAt?.toISOString() ?? null },
    { zh: '阶段', en: 'phase', of: ({ phase }) => phase },
    { zh: '文件标识', en: 'document', of: ({ identifier }) => identifier },
    { zh: '类型', en: 'type', of: ({ typeCode }) => typeCode },
    { zh: '使用人', en: 'caller', of: ({ callerId }) => callerId },
    { zh: '签章摘要', en: 'signed digest', of: ({ signedDigest }) => signedDigest && toHex(signedDigest) },
    { zh: '用印编号', en: 'use', of: ({ useId }) => useId },
  ],
  toJson: toAffectedUseJson,
}
