import { parseLicenceData } from '../../../licence-format/index.ts'
import type { DepartmentStatus } from '../../domain/validity.ts'
import type { CopyRow } from '../../store/copies.ts'
import type { Deps } from '../deps.ts'
import { openBox } from '../sealed-content.ts'
import type { MadeCopy } from './make-copy.ts'

/** What a finished copy is, from its row. @throws LicenceError LICENCE_ERASED, LICENCE_CONTENT_DAMAGED */
export function describeCopy(deps: Deps, row: CopyRow, status: DepartmentStatus): MadeCopy {
  const data = parseLicenceData(boxOf(deps, row).open('data', row.sealedData))
  const { copyId, identifier, dataDigest, sealedDigest } = row
  return {
    ...{ copyId, identifier, status, dataDigest },
    facts: data.copy!,
    fields: Object.keys(data.fields),
    sealedDigest: sealedDigest!,
  }
}

/** What seals and opens for a copy: its data key is its own. */
export const boxOf = (deps: Deps, { copyId, wrappedDataKey }: Pick<CopyRow, 'copyId' | 'wrappedDataKey'>) =>
  openBox(deps, { identifier: boxName(copyId), wrappedDataKey })

export const boxName = (copyId: string): string => `copy ${copyId}`
