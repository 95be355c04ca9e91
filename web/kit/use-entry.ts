import { computed, type Ref, ref, watch } from 'vue'
import { blankFaults } from './fault-words.ts'
import { freshKey } from './ids.ts'
import type { FieldFault } from './problem.ts'
import { type Doing, useAct } from './use-act.ts'

export interface EntryOptions<T> {
  /** What the form begins with, and is again once it was sent. */
  readonly empty: () => T
  /** What must not be left blank, by its place in the request. */
  readonly needed: (form: T) => Readonly<Record<string, string>>
  /** Sends it; the same key is sent again as long as nothing was changed and nothing was answered. */
  readonly send: (form: T, key: string) => Promise<unknown>
}

/** A short form: what is typed, what is wrong with it, and sending it once. */
export interface Entry<T> extends Omit<Doing, 'run'> {
  readonly form: Ref<T>
  readonly faults: Readonly<Ref<readonly FieldFault[]>>
  /** Whether it was sent and taken. What is blank is named from the first try on. */
  submit(): Promise<boolean>
}

export function useEntry<T extends object>({ empty, needed, send }: EntryOptions<T>): Entry<T> {
  const form = ref(empty()) as Ref<T>
  const isTried = ref(false)
  const { run, ...doing } = useAct()
  const blank = computed(() => (isTried.value ? blankFaults(needed(form.value)) : []))
  let key = freshKey()
  watch(
    form,
    () => {
      key = freshKey()
    },
    { deep: true },
  )
  return {
    ...doing,
    form,
    faults: computed(() => [...blank.value, ...(doing.problem.value?.errors ?? [])]),
    async submit() {
      isTried.value = true
      if (blank.value.length > 0) return false
      if (await run(() => send(form.value, key))) {
        form.value = empty()
        isTried.value = false
        return true
      }
      // What was refused stays refused under its key; what got no answer is asked for again under the same one.
      const status = doing.problem.value?.status ?? 0
      if (status >= 400 && status < 500) key = freshKey()
      return false
    },
  }
}
