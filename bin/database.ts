import { join } from 'node:path'
import type { DatabaseLocation } from '../platform/index.ts'

/** Where a house keeps its rows: PostgreSQL; without it the embedded engine in the data folder, or in memory where `inMemory` says so. */
export function databaseLocationOf(options: {
  readonly dataDir: string
  readonly databaseUrl?: string
  readonly inMemory?: boolean
}): DatabaseLocation {
  if (options.databaseUrl) return { url: options.databaseUrl }
  return options.inMemory ? { memory: true } : { folder: join(options.dataDir, 'database') }
}
