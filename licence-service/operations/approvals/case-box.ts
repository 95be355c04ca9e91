import type { CaseName, CaseRow } from '../../store/cases.ts'
import type { Deps } from '../deps.ts'
import { openBox } from '../sealed-content.ts'

/** What the data key of a case is bound to. */
export const boxNameOf = ({ departmentCode, typeCode, caseNumber }: CaseName): string =>
  `case ${departmentCode} ${typeCode} ${caseNumber}`

/** What seals and opens for a case that has no licence yet. */
export const boxOf = (deps: Deps, row: CaseRow) =>
  openBox(deps, { identifier: boxNameOf(row), wrappedDataKey: row.wrappedDataKey })
