// Whether the register is asked beside the lists: it alone knows the status of this very moment. Only the identifier is sent.
import { ref } from 'vue'
import { callApi } from '../kit/api.ts'
import type { LiveAnswer, ReportLicence, VerificationReport } from '../kit/api-types.ts'

const storageKey = 'zhengyin-ask-register'
const PATIENCE_MS = 3000

function remembered(): boolean {
  try {
    return localStorage.getItem(storageKey) !== 'no'
  } catch {
    return true
  }
}

/** A person's choice, remembered on the device. */
export const asksRegister = ref(remembered())

export function setAsksRegister(asks: boolean): void {
  asksRegister.value = asks
  try {
    localStorage.setItem(storageKey, asks ? 'yes' : 'no')
  } catch {
    // Not remembered, still chosen.
  }
}

/** Whether there is anything to ask: a forged file may name a licence that is real, and the register's word would not help it. */
export function isWorthAsking({ licence, explanation }: VerificationReport): boolean {
  return licence != null && explanation.answers.find(({ question }) => question === 'seal')?.outcome !== 'no'
}

/** A copy has a status of its own. @throws ApiProblem when the register refuses or cannot be reached in time */
export function askRegister({ identifier, copy }: Pick<ReportLicence, 'identifier' | 'copy'>): Promise<LiveAnswer> {
  const licence = `/api/licences/${encodeURIComponent(identifier)}`
  const path = copy ? `${licence}/copies/${encodeURIComponent(copy.copyId)}/status` : `${licence}/status`
  return callApi(path, { signal: AbortSignal.timeout(PATIENCE_MS) })
}
