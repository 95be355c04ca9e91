import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { callerFolder } from '../platform/index.ts'
import { CommandError } from './errors.ts'

/** A path as the caller typed it: relative ones start where the command was typed, not where npm runs it. */
export const callerPath = (path: string): string => resolve(callerFolder(), path)

/** The bytes of a file the caller named. Throws FILE_UNREADABLE. */
export const readCallerFile = (path: string): Promise<Buffer> =>
  readFile(callerPath(path)).catch((cause: unknown) => {
    throw new CommandError('FILE_UNREADABLE', `${path} cannot be read`, { cause })
  })
