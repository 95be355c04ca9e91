import { copyRoutes } from '../http/copies.ts'
import { resumeCopies } from '../operations/copies/complete-copy.ts'
import type { CreatePart } from '../operations/part.ts'

const RESUME_EVERY_MS = 60_000

/** Copies of licences for one purpose. */
export const createCopiesPart: CreatePart = (deps) => ({
  routes: copyRoutes(deps),
  jobs: [{ what: 'resuming copies', everyMs: RESUME_EVERY_MS, work: (stopping) => resumeCopies(deps, stopping) }],
})
