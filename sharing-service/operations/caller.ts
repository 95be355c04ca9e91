import { PlatformError, type Principal } from '../../platform/index.ts'

/** Who fetches: a person or a machine of a department. */
export interface FetchCaller {
  readonly id: string
  readonly kind: 'person' | 'machine'
  readonly departmentCode: string
}

/** The system itself fetches nothing: somebody has to answer for it. Throws PERMISSION_DENIED. */
export function toFetchCaller({ id, kind, departmentCode }: Principal): FetchCaller {
  if (kind === 'system') throw new PlatformError('PERMISSION_DENIED', 'a person or a machine of a department fetches')
  return { id, kind, departmentCode }
}
