import { expect } from 'vitest'

/** Expects a coded refusal: `work` throws, or rejects, an error with this code. */
export function throwsWithCode(work: () => unknown, code: string): void {
  expect(work).toThrow(expect.objectContaining({ code }) as Error)
}

export async function rejectsWithCode(work: Promise<unknown>, code: string): Promise<void> {
  await expect(work).rejects.toMatchObject({ code })
}
