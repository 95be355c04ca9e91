import { type KeyRecord, KeyStoreError } from '../../../key-store/index.ts'
import type { Workshop } from '../../dependencies.ts'
import { act, type Call, type LifeAnswer } from './act.ts'
import type { RequestFor } from './act-request.ts'

/**
 * Destroys every key that the seal ever had, with the key store's signed record of each; what they sealed stands, and the statement keys
 * of the department are not touched. Broken off, it is completed by another call.
 */
export function destroySeal(shop: Workshop, call: Call, { reason }: RequestFor<'destroy'>): Promise<LifeAnswer> {
  return act(shop, call, async () => async ({ seal }) => {
    // Under the lock: a seal that is given back at the same moment must not lose its key. It takes some file operations.
    const records: KeyRecord[] = []
    for (const name of keysOf(shop, seal.id)) {
      const record = await destroyKey(shop, name, `${call.principal.id} ${call.principal.departmentCode}`, reason)
      if (record !== undefined) records.push(record)
    }
    const keys = records.map(({ number, name, publicKey }) => ({ record: number, name, publicKey }))
    return { reason, detail: { keys } }
  })
}

/** Of all generations and of the SESeal; also those whose destruction was begun. */
function keysOf({ keyStore }: Workshop, sealId: string): string[] {
  const isOfSeal = (name: string) => name === `seal-${sealId}` || name.startsWith(`seal-${sealId}-`)
  const recorded = keyStore.records().flatMap(({ name }) => (name !== undefined && isOfSeal(name) ? [name] : []))
  return [...new Set([...keyStore.list().filter(isOfSeal), ...recorded])].sort()
}

async function destroyKey(
  { keyStore }: Workshop,
  name: string,
  by: string,
  reason: string,
): Promise<KeyRecord | undefined> {
  try {
    return await keyStore.destroy(name, { by, reason: toOneLine(reason) })
  } catch (error) {
    if (!(error instanceof KeyStoreError && error.code === 'KEY_NOT_FOUND')) throw error
    return keyStore.records().findLast((record) => record.event === 'destroyed' && record.name === name)
  }
}

const toOneLine = (text: string): string =>
  text
    .replace(/\p{Cc}+/gu, ' ')
    .trim()
    .slice(0, 500)
