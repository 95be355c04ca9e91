import { expect } from 'vitest'
import { LicenceError } from '../../../licence-service/index.ts'

/** Fails unless the file is refused for this reason. */
export async function rejectsWithFault(work: Promise<unknown>, code: string): Promise<void> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  expect(error).toBeInstanceOf(LicenceError)
  const refusal = error as LicenceError
  expect([refusal.code, refusal.faults?.map((fault) => fault.code)]).toEqual(['BATCH_FILE_INVALID', [code]])
}

/** Everything that comes. */
export async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = []
  for await (const item of items) found.push(item)
  return found
}
