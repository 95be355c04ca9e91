import { callApi } from './api.ts'
import { ApiProblem } from './problem.ts'

const base = '/api/sessions/current'

/** Whether this browser can ask a security key: on https or localhost alone. */
export const hasSecurityKeys = (): boolean =>
  typeof PublicKeyCredential !== 'undefined' && 'parseRequestOptionsFromJSON' in PublicKeyCredential

/** Asks the person's security key. @throws ApiProblem; the browser's own error when the person breaks it off. */
async function stepUp(): Promise<void> {
  const options = await callApi<PublicKeyCredentialRequestOptionsJSON>(`${base}/step-up/options`, { method: 'POST' })
  const credential = await navigator.credentials.get({
    publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options),
  })
  await callApi(`${base}/step-up`, { method: 'POST', body: { response: (credential as PublicKeyCredential).toJSON() } })
}

/** Runs a dangerous act; where it asks for a security key the person is asked for it, and the act is done then. */
export async function withStepUp<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call()
  } catch (error) {
    const isAsked = error instanceof ApiProblem && error.problem.code === 'STEP_UP_REQUIRED'
    if (!isAsked || !hasSecurityKeys()) throw error
  }
  await stepUp()
  return call()
}

export interface SecurityKey {
  readonly id: string
  readonly name: string
  readonly createdAt: string
  readonly lastUsedAt: string | null
}

export const listSecurityKeys = (): Promise<{ readonly items: readonly SecurityKey[] }> =>
  callApi(`${base}/security-keys`)

/** Registers the key that the person touches. Errors as `withStepUp`. */
export async function addSecurityKey(name: string): Promise<void> {
  const options = await withStepUp(() =>
    callApi<PublicKeyCredentialCreationOptionsJSON>(`${base}/security-keys/options`, { method: 'POST' }),
  )
  const credential = await navigator.credentials.create({
    publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options),
  })
  const response = (credential as PublicKeyCredential).toJSON()
  await callApi(`${base}/security-keys`, { method: 'POST', body: { name, response } })
}

export const removeSecurityKey = (id: string): Promise<void> =>
  withStepUp(() => callApi(`${base}/security-keys/${encodeURIComponent(id)}`, { method: 'DELETE' }))
