// 加注件 (GB/T 36905): a copy of a licence for one purpose. What it says of itself, wherever it stands: in licence.json, in the XMP, in the QR.
import { fromBase64Url } from './base-encodings.ts'
import { toShanghaiTime } from './dates.ts'
import { isPlainText } from './plain-text.ts'

/** The facts that make a document a copy. Instants as `toShanghaiTime` writes them, to the second. */
export interface CopyFacts {
  /** 128 random bits, base64url. */
  readonly copyId: string
  /** 加注件制作事由: what it may be used for. */
  readonly cause: string
  /** Who may use it. */
  readonly recipient: string
  /** 加注件制作者: the department that had it made. */
  readonly creator: string
  /** 加注件制作时间. */
  readonly createdAt: string
  /** 加注件有效期截止时间: from here on it counts no more. */
  readonly expiresAt: string
}

/** Longest cause, recipient and creator, in UTF-16 units. */
export const LONGEST_COPY_TEXT = 100

const BYTES = 16

/** Whether `text` is the identifier of a copy in its one form. */
export const isCopyId = (text: string): boolean => fromBase64Url(text)?.length === BYTES

/** Whether `text` is an instant as `toShanghaiTime` writes it. */
function isShanghaiTime(text: string): boolean {
  const instant = new Date(text)
  return /^\d{4}-\d\d-\d\dT/.test(text) && !Number.isNaN(instant.getTime()) && toShanghaiTime(instant) === text
}

/** 2026-11-21T16:00:00+08:00 → 20261121160000, as GB/T 36903 writes an instant. */
export const compactTime = (instant: string): string => instant.slice(0, 19).replace(/[-:T]/g, '')

/** Name of the first fact that is none, or null. */
export function copyFault({ copyId, cause, recipient, creator, createdAt, expiresAt }: CopyFacts): string | null {
  if (!isCopyId(copyId)) return 'copyId'
  const texts = { cause, recipient, creator }
  const text = Object.entries(texts).find(([, value]) => !isPlainText(value, LONGEST_COPY_TEXT))
  if (text) return text[0]
  if (!isShanghaiTime(createdAt)) return 'createdAt'
  return isShanghaiTime(expiresAt) && expiresAt > createdAt ? null : 'expiresAt'
}
