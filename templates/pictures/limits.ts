import { PictureFault } from './picture-fault.ts'

/** A picture as a licence keeps it: no metadata, nothing after its end. */
export interface Picture {
  readonly bytes: Uint8Array
  readonly mediaType: 'image/jpeg' | 'image/png'
  /** Pixels as it is shown, after turning. */
  readonly width: number
  readonly height: number
}

export interface PictureLimits {
  readonly minSide: number
  readonly maxSide: number
  readonly maxBytes: number
}

export function checkSides(width: number, height: number, limits: PictureLimits): void {
  if (Math.min(width, height) < limits.minSide) throw new PictureFault('PICTURE_TOO_SMALL')
  if (Math.max(width, height) > limits.maxSide) throw new PictureFault('PICTURE_TOO_MANY_PIXELS')
}
