import type { SealType } from './outline.ts'

/** A character and the box that it is drawn into; millimetres from the centre of the seal, y upwards. */
export interface PlacedCharacter {
  readonly codePoint: number
  /** Centre of the box. */
  readonly x: number
  readonly y: number
  /** The character's own upright direction, radians clockwise: 0 is upright, ring characters lean with the rim. */
  readonly angle: number
  readonly width: number
  readonly height: number
  /** 宋体 unless said. */
  readonly type?: SealType
  /** Letters and digits: the box holds the advance across and a capital's height upwards, in place of the em square. */
  readonly fitsCapitals?: true
}
