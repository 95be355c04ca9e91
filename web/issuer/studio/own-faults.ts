import type { FieldFault } from '../../kit/problem.ts'

/** Faults in the server's own words, in both languages: other rooms of the pages mean other things by the same codes. */
export const ownFaultsOf = (faults: readonly FieldFault[]): FieldFault[] =>
  faults.map(({ pointer, detail }) => ({ pointer, ...(detail !== undefined && { detail }) }))
