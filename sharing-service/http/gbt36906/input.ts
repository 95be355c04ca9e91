// What calls of the interface carry, under the names of both implementations in use.
import { z } from 'zod'
import { isCreditCode, isIdentityNumber } from '../../../licence-format/index.ts'
import { parseJson } from '../../../platform/http/index.ts'
import { PlatformError } from '../../../platform/index.ts'
import type { FetchReason } from '../../operations/decide.ts'
import { FACADE_STATUS, FacadeRefusal } from './envelope.ts'

type Data = Readonly<Record<string, unknown>>

/** Several names of one thing, the first that is there. */
const either = (data: Data, ...names: readonly string[]): unknown =>
  names.map((name) => data[name]).find((value) => value != null)

/** Reads with a schema. Throws FacadeRefusal that names the member and nothing of its value. */
function read<Schema extends z.ZodType>(schema: Schema, value: unknown, name: string): z.output<Schema> {
  const result = schema.safeParse(value)
  if (!result.success) throw new FacadeRefusal(FACADE_STATUS.other, `参数错误：${name}`)
  return result.data
}

const text = (longest: number) => z.string().trim().min(1).max(longest)
const optional = (longest: number) => z.string().trim().max(longest).optional()

/** Why the call is made. The interface has no place for a matter and a legal basis: ours are read where they are sent. */
export function readWhy(data: Data, cause: readonly string[], matterCode: string | undefined): FetchReason {
  const said = read(optional(60), either(data, 'itemCode', 'matterCode'), 'itemCode') ?? matterCode
  if (said === undefined || said === '') throw new FacadeRefusal(FACADE_STATUS.other, '参数错误：itemCode')
  return {
    matterCode: said,
    purpose: read(text(200), either(data, ...cause), cause[0]!),
    legalBasis: read(optional(500), data['legalBasis'], 'legalBasis'),
    isLegalBasisAgreed: true,
  }
}

export const readIdentifier = (data: Data): string =>
  read(text(120), either(data, 'certIdentifier', 'certificateIdentifier', 'zzbs'), 'certIdentifier')

export const readTypeCode = (data: Data): string =>
  read(z.string().regex(/^[0-9A-Z]{21}$/), either(data, 'certTypeCode', 'zzlxdm'), 'certTypeCode')

/** Code of the holder; the kind of the code, where it is said, must fit it (GB/T 36903 annex A: 001 credit code, 111 identity number). */
export function readHolderCode(data: Data): string {
  const code = read(text(64), either(data, 'holderCode', 'czztdm'), 'holderCode').toUpperCase()
  const kind = read(optional(10), either(data, 'holderTypeCode', 'czztdmlxdm'), 'holderTypeCode')
  if (kind === undefined || kind === '') return code
  const isFit =
    /^\d{3}$/.test(kind) && (kind !== '001' || isCreditCode(code)) && (kind !== '111' || isIdentityNumber(code))
  if (!isFit) throw new FacadeRefusal(FACADE_STATUS.holderCodeWrong)
  return code
}

/** `meladataRange` (so spelt): a list with commas; empty means everything. */
export function readFields(data: Data): string[] {
  const range = read(optional(8000), either(data, 'meladataRange', 'metadataRange'), 'meladataRange') ?? ''
  const names = range
    .split(/[,，]/)
    .map((name) => name.trim())
    .filter((name) => name !== '')
  return read(z.array(z.string().max(80)).max(200), names, 'meladataRange')
}

const DAY_MS = 86_400_000
const USUAL_DAYS = 30

/** When the copy is to end: `YYYY-MM-DD`, or with a time in China; a month where nothing is said. */
export function readExpiry(data: Data, now: Date): Date {
  const said = read(optional(40), either(data, 'expiryTime', 'certificateCopyExpiringTime', 'gqsj'), 'expiryTime')
  if (said === undefined || said === '') return new Date(now.getTime() + USUAL_DAYS * DAY_MS)
  const [, day, time] = /^(\d{4}-\d{2}-\d{2})(?:[ T](\d{2}:\d{2}:\d{2}))?$/.exec(said) ?? []
  const at = day === undefined ? Number.NaN : Date.parse(`${day}T${time ?? '23:59:59'}+08:00`)
  if (Number.isNaN(at)) throw new FacadeRefusal(FACADE_STATUS.other, '参数错误：expiryTime')
  return new Date(at)
}

/** Only PDF is made; a caller that needs another form must not take ours for it. */
export function refuseOtherForms(data: Data): void {
  const form = read(optional(10), data['fileType'], 'fileType')
  if (form !== undefined && form !== '' && form.toLowerCase() !== 'pdf')
    throw new FacadeRefusal(FACADE_STATUS.other, '只提供 PDF 格式文件')
}

/** The file in base64, as `contentType` has to say. */
export function readFile(data: Data): Uint8Array {
  if (data['contentType'] !== 'base64') throw new FacadeRefusal(FACADE_STATUS.other, '参数错误：contentType')
  return Buffer.from(read(z.base64().min(1), data['content'], 'content'), 'base64')
}

/** Fields by name, as an object or as its text. */
export function readCertData(data: Data): Record<string, string> {
  const said = data['certData']
  const value = typeof said === 'string' ? parseObject(said) : said
  const scalars = z.record(z.string().max(80), z.union([z.string().max(2000), z.number()]).transform(String))
  const fields = read(scalars, value, 'certData')
  if (Object.keys(fields).length > 100) throw new FacadeRefusal(FACADE_STATUS.other, '参数错误：certData')
  return fields
}

/** As a body: what stands in a text of it was not looked at with it. */
function parseObject(said: string): unknown {
  try {
    return parseJson(Buffer.from(said))
  } catch (error) {
    if (!(error instanceof PlatformError)) throw error
    throw new FacadeRefusal(FACADE_STATUS.other, '参数错误：certData')
  }
}

/** The text of a QR code. */
export const readQrText = (data: Data): string => read(text(2000), either(data, 'qrcode', 'qrCode'), 'qrcode')
