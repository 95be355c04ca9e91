import { eseal, OID, primitives } from '../../../pki/index.ts'
import type { Workshop } from '../../dependencies.ts'
import type { EsealLayout } from '../../domain/eseal.ts'
import { toPreview } from '../../domain/oes.ts'
import type { Seal } from '../../domain/seal.ts'
import type { Caller } from '../../domain/seal-policy.ts'
import { SealError } from '../../errors.ts'
import { findEseal } from '../../store/eseals.ts'
import type { OesSignature } from '../../store/oes-signatures.ts'
import { findSeal, listSealsOfDepartment } from '../../store/seals.ts'
import { watchRefusals } from '../outward/watch-refusals.ts'
import { type DigestToSign, signDigest } from './sign-digest.ts'
import { cancelSignature, type OesVerdict, type SignatureToVerify, verifySignature } from './verify-signature.ts'

/** A seal as its SESeal tells it (OES_GetSealInfo). */
export interface OesSealInfo {
  readonly info: eseal.SesSealInfo
  readonly layout: eseal.SesLayout
  readonly signatureAlgorithm: string
  /** DER */
  readonly makerCertificate: Uint8Array
}

/** Seals for document systems (OES, GB/T 33481-2016). Who asks acts for one department; its seals alone are told of. */
export interface OesDesk {
  /** In use, with an SESeal, of the caller's department. */
  list(caller: Caller): Promise<Seal[]>
  /** SESeal, DER. Throws `SEAL_NOT_FOUND`, `SEAL_NOT_YOURS`, `SEAL_ESEAL_ABSENT`. */
  seal(caller: Caller, sealId: string, layout: EsealLayout): Promise<Uint8Array>
  info(caller: Caller, sealId: string, layout: EsealLayout): Promise<OesSealInfo>
  /** 0 display, 1 print, 2 preview (pale). */
  picture(
    caller: Caller,
    sealId: string,
    flag: '0' | '1' | '2',
  ): Promise<{ readonly svg: string; readonly widthMm: number; readonly heightMm: number }>
  readonly digestMethod: string
  digest(data: Uint8Array): Promise<Uint8Array>
  readonly signMethod: string
  now(): Date
  sign(caller: Caller, wanted: DigestToSign): Promise<OesSignature>
  verify(asked: SignatureToVerify): Promise<OesVerdict>
  cancel(caller: Caller, act: { readonly useId: string; readonly reason: string }): Promise<void>
}

export function createOesDesk(shop: Workshop): OesDesk {
  const { database } = shop
  const record = async ({ departmentCode }: Caller, sealId: string, layout: EsealLayout) => {
    const seal = await findSeal(database, sealId)
    if (seal === undefined) throw new SealError('SEAL_NOT_FOUND', `there is no seal ${sealId}`)
    if (seal.departmentCode !== departmentCode)
      throw new SealError('SEAL_NOT_YOURS', `seal ${sealId} belongs to another department`)
    const found = await findEseal(database, sealId, layout)
    if (found === undefined) throw new SealError('SEAL_ESEAL_ABSENT', `no SESeal was made of seal ${sealId}`)
    return found.eseal
  }
  return {
    async list({ departmentCode }) {
      const own = departmentCode === null ? [] : await listSealsOfDepartment(database, departmentCode)
      const active = own.filter(({ state }) => state === 'active')
      const withEseal = await Promise.all(
        active.map(async ({ id }) => (await findEseal(database, id, 'V5')) !== undefined),
      )
      return active.filter((_, index) => withEseal[index])
    },
    seal: record,
    async info(caller, sealId, layout) {
      const {
        info,
        layout: found,
        signatureAlgorithm,
        makerCertificate,
      } = eseal.parseSeal(await record(caller, sealId, layout))
      return { info, layout: found, signatureAlgorithm, makerCertificate }
    },
    async picture(caller, sealId, flag) {
      const { data, widthMm, heightMm } = eseal.parseSeal(await record(caller, sealId, 'V5')).info.picture
      const svg = new TextDecoder().decode(data)
      return { svg: flag === '2' ? toPreview(svg) : svg, widthMm, heightMm }
    },
    digestMethod: OID.sm3,
    digest: (data) => primitives.digest('SM3', data),
    signMethod: OID.sm2WithSm3,
    now: () => shop.clock.now(),
    sign: (caller, wanted) =>
      watchRefusals(shop, caller, [{ sealId: wanted.sealId, typeCode: wanted.templateCode ?? '' }], () =>
        signDigest(shop, caller, wanted),
      ),
    verify: (asked) => verifySignature(shop, asked),
    cancel: (caller, act) => cancelSignature(shop, caller, act),
  }
}
