import type { CreatePart } from '../operations/part.ts'

export const createPeoplePart: CreatePart = () => ({ routes: [] })
