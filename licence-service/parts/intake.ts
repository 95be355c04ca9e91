import { intakeRoutes } from '../http/intake.ts'
import { scanRoutes } from '../http/scans.ts'
import type { CreatePart } from '../operations/part.ts'

/** Licences that other systems made, and scans of paper stock. */
export const createIntakePart: CreatePart = (deps) => ({ routes: [...intakeRoutes(deps), ...scanRoutes(deps)] })
