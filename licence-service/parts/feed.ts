import { placeAllChanges } from '../operations/feed/place-changes.ts'
import type { CreatePart } from '../operations/part.ts'
import { makeRoomForChanges } from '../store/outbox.ts'

/** Changes of licences in their order, for whoever follows them: the sharing service, figures. What it gives stands in `shared-register.ts`. */
export const createFeedPart: CreatePart = (deps) => ({
  routes: [],
  jobs: [
    {
      what: 'placing changes of licences',
      everyMs: 1_000,
      work: (stopping) => placeAllChanges(deps, stopping),
    },
    {
      what: 'making room for changes of licences',
      everyMs: 600_000,
      work: () => makeRoomForChanges(deps.database),
    },
  ],
})
