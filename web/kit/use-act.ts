import { type Ref, ref } from 'vue'
import { ApiProblem, type Problem } from './problem.ts'
import { withStepUp } from './security-key.ts'

/** Something done once at a time, confirmed by a security key where the server asks for one. */
export interface Doing {
  readonly busy: Ref<boolean>
  readonly problem: Ref<Problem | undefined>
  /** The person broke off the security key's question: nothing was done. */
  readonly isBrokenOff: Ref<boolean>
  /** Whether it was done. */
  run(work: () => Promise<unknown>): Promise<boolean>
}

export function useAct(): Doing {
  const busy = ref(false)
  const problem = ref<Problem>()
  const isBrokenOff = ref(false)
  async function run(work: () => Promise<unknown>): Promise<boolean> {
    if (busy.value) return false
    busy.value = true
    problem.value = undefined
    isBrokenOff.value = false
    try {
      await withStepUp(work)
      return true
    } catch (error) {
      if (error instanceof ApiProblem) problem.value = error.problem
      else if (error instanceof DOMException) isBrokenOff.value = true
      else throw error
      return false
    } finally {
      busy.value = false
    }
  }
  return { busy, problem, isBrokenOff, run }
}
