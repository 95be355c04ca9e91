import { VerifierError } from './errors.ts'

/** Lets so many through at once and so many wait. */
export interface Gate {
  /** Rejects with VERIFICATION_BUSY where too many wait, and when the one who waits has gone away. */
  pass<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T>
}

const RETRY_AFTER_SECONDS = 2

export function createGate({
  concurrent,
  waiting: mostWaiting,
}: {
  readonly concurrent: number
  readonly waiting: number
}): Gate {
  let inside = 0
  const waiting: (() => void)[] = []
  const enter = (signal: AbortSignal): Promise<void> | undefined => {
    if (inside < concurrent) {
      inside++
      return undefined
    }
    if (waiting.length >= mostWaiting) throw busy()
    return new Promise((resolve, reject) => {
      const leave = () => {
        waiting.splice(waiting.indexOf(go), 1)
        reject(busy())
      }
      const go = () => {
        signal.removeEventListener('abort', leave)
        resolve()
      }
      waiting.push(go)
      signal.addEventListener('abort', leave, { once: true })
    })
  }
  return {
    async pass(work, signal) {
      await enter(signal)
      try {
        return await work()
      } finally {
        // Whoever waits takes over the place.
        const next = waiting.shift()
        if (next) next()
        else inside--
      }
    },
  }
}

const busy = () =>
  new VerifierError('VERIFICATION_BUSY', 'too many verifications are under way', {
    retryAfterSeconds: RETRY_AFTER_SECONDS,
  })
