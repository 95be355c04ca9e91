import type { CreatePart } from '../operations/part.ts'

export const createApprovalsPart: CreatePart = () => ({ routes: [] })
