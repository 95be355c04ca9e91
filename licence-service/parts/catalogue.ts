import type { CreatePart } from '../operations/part.ts'

export const createCataloguePart: CreatePart = () => ({ routes: [] })
