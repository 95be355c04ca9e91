import type { CreatePart } from '../operations/part.ts'

export const createTemplatesPart: CreatePart = () => ({ routes: [] })
