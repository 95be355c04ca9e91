import { type eseal, x509 } from '../../pki/index.ts'
import type { Seal } from './seal.ts'
import { pictureSizeMm } from './seal-picture-spec.ts'

/** The layouts in which a seal is handed out: GM/T 0031-2025, and GB/T 38540-2020 for readers that know no later one. */
export const esealLayouts = ['V5', 'V4'] as const satisfies readonly eseal.SesWrittenLayout[]
export type EsealLayout = (typeof esealLayouts)[number]

/** Who makes seals (制章者), as its certificate names it. */
export interface SealMaker {
  readonly organisation: string
  /** Unified social credit code. */
  readonly organisationCode: string
}

const VENDOR = 'ZHENGYIN'
const OF_AN_ORGANISATION = 1

/**
 * What the maker signs: the seal of its owner with the picture as SVG, usable by one SM2 certificate and as long as that. `at` is the
 * time of making, to the second.
 */
export function toSealContent(
  seal: Seal,
  pictureSvg: string,
  certificate: Uint8Array,
  layout: EsealLayout,
  at: Date,
): eseal.SealContent {
  const { notBefore, notAfter } = x509.parseCertificate(certificate)
  return {
    layout,
    vendorId: VENDOR,
    esId: seal.id,
    property: {
      type: OF_AN_ORGANISATION,
      name: seal.name,
      certList: { kind: 'certificates', certificates: [certificate] },
      createDate: at,
      validStart: notBefore,
      validEnd: notAfter,
    },
    picture: {
      type: 'SVG',
      data: new TextEncoder().encode(pictureSvg),
      ...pictureSizeMm(seal.picture),
    },
  }
}
