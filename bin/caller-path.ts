import { resolve } from 'node:path'
import { callerFolder } from '../platform/index.ts'

/** A path as the caller typed it: relative ones start where the command was typed, not where npm runs it. */
export const callerPath = (path: string): string => resolve(callerFolder(), path)
