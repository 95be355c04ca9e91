import { isSqlError } from '../../platform/index.ts'

const UNDEFINED_TABLE = '42P01'
const UNDEFINED_SCHEMA = '3F000'

/** Whether a query failed because the room's tables were never made. */
export const isMissingTable = (error: unknown): boolean =>
  isSqlError(error, UNDEFINED_TABLE) || isSqlError(error, UNDEFINED_SCHEMA)
