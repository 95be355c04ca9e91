import type { CreatePart } from '../operations/part.ts'

export const createCopiesPart: CreatePart = () => ({ routes: [] })
