import { catalogueRoutes } from '../http/catalogue.ts'
import type { CreatePart } from '../operations/part.ts'

export const createCataloguePart: CreatePart = (deps) => ({ routes: catalogueRoutes(deps) })
