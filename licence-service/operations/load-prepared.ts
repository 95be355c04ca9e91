import { createHash } from 'node:crypto'
import { parseLicenceData } from '../../licence-format/index.ts'
import { LicenceError } from '../errors.ts'
import type { LicenceRow } from '../store/licences.ts'
import type { Deps } from './deps.ts'
import type { PreparedLicence } from './prepare-licences.ts'
import { type ContentBox, openBox } from './sealed-content.ts'

/** Brings licences on record back to the form in which the remaining steps take them. */
export const loadPrepared = (deps: Deps, rows: readonly LicenceRow[]): Promise<PreparedLicence[]> =>
  Promise.all(
    rows.map(async (row) => {
      const box = openBox(deps, row)
      const licenceJson = box.open('data', row.sealedData)
      if (createHash('sha256').update(licenceJson).digest('hex') !== row.dataDigest)
        throw new LicenceError(
          'LICENCE_CONTENT_DAMAGED',
          `the data of ${row.identifier} do not have the digest on record`,
        )
      const pictures = await loadPictures(deps, row, box)
      return { ...row, box, licenceJson, data: parseLicenceData(licenceJson), pictures }
    }),
  )

/** The pictures of a licence by the digest its data name them by. */
export async function loadPictures(
  deps: Deps,
  row: Pick<LicenceRow, 'pictureBlobs'>,
  box: ContentBox,
): Promise<ReadonlyMap<string, Uint8Array>> {
  const pictures = await Promise.all(
    row.pictureBlobs.map(async (blob) => {
      const picture = box.open('picture', await deps.blobs.get(blob))
      return [createHash('sha256').update(picture).digest('hex'), picture] as const
    }),
  )
  return new Map(pictures)
}
