import type { CreatePart } from '../operations/part.ts'

export const createBatchesPart: CreatePart = () => ({ routes: [] })
