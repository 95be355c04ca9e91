// What a person at a terminal is told when a command cannot be carried out: code, sentence, faults; no stack for a coded refusal.

interface CodedError {
  readonly code: string
  readonly message: string
  readonly faults?: readonly {
    readonly pointer: string
    readonly code: string
    readonly detail: string | { readonly zh: string; readonly en: string }
  }[]
}

const isCoded = (error: unknown): error is CodedError =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' && /^[A-Z][A-Z0-9_]+$/.test(error.code)

/** A coded error as lines for stderr; anything else with its stack, since it is ours to mend. */
export function describeFailure(error: unknown): string {
  if (!isCoded(error)) return error instanceof Error ? (error.stack ?? error.message) : String(error)
  const faults = (error.faults ?? []).map(
    ({ pointer, code, detail }) => `  ${pointer}: ${code}: ${typeof detail === 'string' ? detail : detail.en}`,
  )
  // Node begins the messages of its own errors with their code.
  const told = error.message.startsWith(error.code) ? error.message : `${error.code}: ${error.message}`
  return [told, ...faults].join('\n')
}
