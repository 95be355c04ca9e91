/** What is wrong with an artwork. */
export type ArtworkFaultCode =
  | 'ARTWORK_TOO_LARGE'
  | 'ARTWORK_NOT_SUPPORTED'
  | 'ARTWORK_DAMAGED'
  | 'ARTWORK_TOO_SMALL'
  | 'ARTWORK_TOO_MANY_PIXELS'
  | 'ARTWORK_TOO_DETAILED'
  | 'ARTWORK_NOT_ONE_INK'
  | 'ARTWORK_EMPTY'

/** Thrown by the readers of artworks; becomes a fault of `SEAL_ARTWORK_REFUSED`. The message names the part at fault. */
export class ArtworkFault extends Error {
  readonly code: ArtworkFaultCode

  constructor(code: ArtworkFaultCode, detail: string) {
    super(detail)
    this.name = 'ArtworkFault'
    this.code = code
  }
}
