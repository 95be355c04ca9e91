/** What the picture of a seal is drawn from; kept beside the drawing, so that the same can be drawn again. Lengths in millimetres. */
export type SealPictureSpec = RoundSealSpec | OvalSealSpec | InvoiceSealSpec | SquareSealSpec

/** What stands in the middle: a five-pointed star, nothing, or the owner's own artwork (the national emblem, for one). */
export type SealCentre = 'star' | 'none' | 'artwork'

/** Official and special seals, and those of companies (国发〔1999〕25号 and the forms of the trade). */
export interface RoundSealSpec {
  readonly shape: 'round'
  /** True outer diameter: 60, 50, 45, 42, 40 or 38. */
  readonly diameterMm: number
  /** Width of the rim; 2.7 % of the diameter where not said. */
  readonly edgeMm?: number
  /** The owner's name along the rim, 4 to 40 characters; on two rings where one would make them too narrow. */
  readonly ringText: string
  /** The name in a second language, outside the first: English, or a minority language in letters. */
  readonly ringTextEn: string | null
  readonly centre: SealCentre
  /** A line below the centre, such as 财务专用章 or 合同专用章（1）. */
  readonly lowerText: string | null
  /** Number of the physical seal along the lower rim. */
  readonly code: string | null
  /** Present iff `centre` is 'artwork'. */
  readonly artwork?: SealArtwork
}

/** The form of joint ventures, 45 × 30: the name above, the second language below. */
export interface OvalSealSpec {
  readonly shape: 'oval'
  readonly widthMm: number
  readonly heightMm: number
  /** 1 where not said. */
  readonly edgeMm?: number
  readonly ringText: string
  readonly ringTextEn: string | null
  readonly centre: SealCentre
  readonly lowerText: string | null
  readonly artwork?: SealArtwork
}

/** 发票专用章, 40 × 30 with every size by regulation (税务总局公告2011年第7号). */
export interface InvoiceSealSpec {
  readonly shape: 'invoice'
  readonly ringText: string
  /** 纳税人识别号: 15 to 20 digits and capitals. */
  readonly taxNumber: string
  /** Which of several: 1 is drawn as (1). */
  readonly serial: number | null
}

/** A personal name seal (人名章). */
export interface SquareSealSpec {
  readonly shape: 'square'
  /** 15 to 25; 18 and 20 are usual. */
  readonly sideMm: number
  /** The name, 2 to 9 characters with its ending; a dot between two names is not cut. */
  readonly text: string
  readonly ending: '印' | '之印' | null
  /** 朱文: red characters in a red frame; 白文: white characters on red. */
  readonly style: 'red-characters' | 'white-characters'
}

/**
 * A drawing of one ink, cleaned of everything but its outlines: made by `readSealArtwork`. The path has absolute M, L, C and Z with whole
 * numbers, y downwards, filled by the even-odd rule, within a box of `width` × `height`.
 */
export interface SealArtwork {
  readonly width: number
  readonly height: number
  readonly path: string
}

/** The diameters of round seals in use, in millimetres. */
export const roundSealDiameters: readonly number[] = [60, 50, 45, 42, 40, 38]

/** What a spec may hold at most and must hold at least; characters are counted as code points. */
export const pictureLimits = {
  ringText: { fewest: 4, most: 40 },
  /** Of an invoice seal, whose characters are 4.2 high whatever their number: longer names take their normalised short form. */
  invoiceRingText: { fewest: 4, most: 32 },
  ringTextEn: { fewest: 2, most: 80 },
  lowerText: { fewest: 2, most: 8 },
  code: { fewest: 6, most: 20 },
  squareText: { fewest: 2, most: 9 },
  squareCells: 9,
  edgeMm: { least: 0.5, most: 2 },
  ovalWidthMm: { least: 30, most: 60 },
  ovalHeightMm: { least: 20, most: 45 },
  sideMm: { least: 15, most: 25 },
  serial: { least: 1, most: 99 },
  artworkUnits: 4096,
  artworkPathLength: 131_072,
} as const

/** Width and height of the finished picture. */
export function pictureSizeMm(spec: SealPictureSpec): { readonly widthMm: number; readonly heightMm: number } {
  switch (spec.shape) {
    case 'round':
      return { widthMm: spec.diameterMm, heightMm: spec.diameterMm }
    case 'oval':
      return { widthMm: spec.widthMm, heightMm: spec.heightMm }
    case 'invoice':
      return { widthMm: 40, heightMm: 30 }
    case 'square':
      return { widthMm: spec.sideMm, heightMm: spec.sideMm }
  }
}
