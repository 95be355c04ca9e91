import type { CreatePart } from '../operations/part.ts'

export const createLifePart: CreatePart = () => ({ routes: [] })
