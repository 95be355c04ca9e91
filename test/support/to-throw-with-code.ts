import { expect } from 'vitest'

/** The error that `work` throws or rejects with; fails when it does neither or the code is another one. */
export async function toThrowWithCode(
  work: (() => unknown) | Promise<unknown>,
  code: string,
): Promise<Error & { code: string; faults?: unknown }> {
  let thrown: unknown
  try {
    await (typeof work === 'function' ? work() : work)
  } catch (error) {
    thrown = error
  }
  expect(thrown, `expected an error with code ${code}`).toBeInstanceOf(Error)
  const error = thrown as Error & { code: string }
  expect(error.code, error.stack).toBe(code)
  expect(error.name).not.toBe('Error')
  return error
}
