import { type Ref, ref, type ShallowRef, shallowRef } from 'vue'
import { type Problem, problemOf } from './problem.ts'

/** What a page shows once it has come. */
export interface Loaded<T> {
  readonly value: ShallowRef<T | undefined>
  readonly problem: Ref<Problem | undefined>
  readonly busy: Ref<boolean>
  load(): Promise<void>
}

/** Asks when told to; of several questions under way the last one's answer counts. What came before stays until the next has come. */
export function useLoaded<T>(ask: () => Promise<T>): Loaded<T> {
  const value: ShallowRef<T | undefined> = shallowRef()
  const problem = ref<Problem>()
  const busy = ref(false)
  let turn = 0
  async function load(): Promise<void> {
    const mine = ++turn
    busy.value = true
    problem.value = undefined
    try {
      const found = await ask()
      if (mine === turn) value.value = found
    } catch (error) {
      if (mine === turn) problem.value = problemOf(error)
    } finally {
      if (mine === turn) busy.value = false
    }
  }
  return { value, problem, busy, load }
}

/** A page of a list as the API gives it. */
export interface PageOf<T> {
  readonly items: readonly T[]
  readonly next: string | null
}

/** A list read page by page: forth by the cursor of the answer, back by those remembered. */
export interface Pages<T> extends Loaded<PageOf<T>> {
  /** Of the pages up to the one shown; the first has none. */
  readonly cursors: Ref<readonly string[]>
  turnTo(cursors: readonly string[]): Promise<void>
  first(): Promise<void>
}

export function usePages<T>(ask: (cursor: string) => Promise<PageOf<T>>): Pages<T> {
  const cursors = ref<readonly string[]>([''])
  const loaded = useLoaded(() => ask(cursors.value.at(-1) ?? ''))
  const turnTo = (next: readonly string[]): Promise<void> => {
    cursors.value = next
    return loaded.load()
  }
  return { ...loaded, cursors, turnTo, first: () => turnTo(['']) }
}
