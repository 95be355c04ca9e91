import { bodyRoutes } from '../http/bodies.ts'
import { forgetBodies } from '../operations/bodies/waiting-bodies.ts'
import type { CreatePart } from '../operations/part.ts'

const FORGET_EVERY_MS = 3_600_000

/** Uploaded documents that licences are issued on. */
export const createBodiesPart: CreatePart = (deps) => ({
  routes: bodyRoutes(deps),
  jobs: [
    { what: 'forgetting documents that were not issued', everyMs: FORGET_EVERY_MS, work: () => forgetBodies(deps) },
  ],
})
