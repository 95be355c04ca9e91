export type PictureFaultCode =
  | 'PICTURE_TOO_LARGE'
  | 'PICTURE_NOT_SUPPORTED'
  | 'PICTURE_DAMAGED'
  | 'PICTURE_TOO_SMALL'
  | 'PICTURE_TOO_MANY_PIXELS'
  | 'PICTURE_COLOURS_NOT_SUPPORTED'

/** What is wrong with a picture; becomes a fault of its field. */
export class PictureFault extends Error {
  readonly code: PictureFaultCode

  constructor(code: PictureFaultCode) {
    super(code)
    this.name = 'PictureFault'
    this.code = code
  }
}
