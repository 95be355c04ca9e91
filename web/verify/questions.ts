// What a person asks beside "is it genuine, and in force now?": about a day of the past, and whether code and file belong together.
import { computed, ref, shallowRef } from 'vue'
import { now } from '../kit/clock.ts'

/** As the verifier takes it. */
export interface AskedBeside {
  readonly inForceAt?: Date
  readonly scannedStatement?: string
}

/** The last second of a day in Beijing; undefined for no day, and for one that is not over: that is a question about now. */
export function endOfPastDay(day: string, at: Date): Date | undefined {
  const end = new Date(`${day}T23:59:59+08:00`)
  return Number.isNaN(end.getTime()) || end >= at ? undefined : end
}

export type Questions = ReturnType<typeof createQuestions>

/** One person's questions at one page: they hold for everything that is checked until they are changed. */
export function createQuestions() {
  const day = ref('')
  const isComparing = ref(false)
  const file = shallowRef<File | null>(null)
  const statement = ref<string | null>(null)

  /** Keeps one half and hands out the other, `waits` where that is still missing, null where nothing is compared. */
  function join<Other>(keep: () => void, other: { value: Other | null }): Other | 'waits' | null {
    if (!isComparing.value) return null
    const found = other.value
    if (found === null) {
      keep()
      return 'waits'
    }
    file.value = null
    statement.value = null
    return found
  }

  return {
    day,
    isComparing: computed({
      get: () => isComparing.value,
      set(compares: boolean) {
        isComparing.value = compares
        file.value = null
        statement.value = null
      },
    }),
    /** The half that is there already. */
    file,
    statement,
    takeFile: (given: File) => join(() => (file.value = given), statement),
    takeStatement: (given: string) => join(() => (statement.value = given), file),
    beside(): AskedBeside {
      const inForceAt = endOfPastDay(day.value, now())
      return inForceAt ? { inForceAt } : {}
    },
  }
}
