/** The seal of another department that stands on a licence beside the issuer's own (联合发文). */
export interface CoSeal {
  readonly sealId: string
  /** From the centre of the issuer's seal to its own, to the right and upwards. */
  readonly offsetMm: { readonly x: number; readonly y: number }
}

const POINTS_PER_MM = 72 / 25.4

/** Centres of a licence's further seals, in points. */
export function coSealCentres<Place extends { readonly x: number; readonly y: number }>(
  centre: Place,
  coSeals: readonly CoSeal[],
): { readonly sealId: string; readonly place: Place }[] {
  return coSeals.map(({ sealId, offsetMm }) => ({
    sealId,
    place: { ...centre, x: centre.x + offsetMm.x * POINTS_PER_MM, y: centre.y + offsetMm.y * POINTS_PER_MM },
  }))
}
