import type { CreatePart } from '../operations/part.ts'

export const createFeedPart: CreatePart = () => ({ routes: [] })
