import { templateRoutes } from '../http/templates.ts'
import type { CreatePart } from '../operations/part.ts'

export const createTemplatesPart: CreatePart = (deps) => ({ routes: templateRoutes(deps) })
