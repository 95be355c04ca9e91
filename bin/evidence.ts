// Where evidence comes from: the house itself in a server, a trust folder and the network on the command line.
import type { EvidenceSource, LiveStatus } from '../verifier/index.ts'
import type { TrustMaterial } from './trust-folder.ts'
import type { House } from './wire.ts'

/** The services' own answers. A list of another house is not asked for: its address is not ours. */
export function evidenceOfHouse({ pki, licences }: Pick<House, 'pki' | 'licences'>, baseUrl: string): EvidenceSource {
  const ownLists = `${baseUrl}/status-lists/`
  return {
    crls: () => pki.crls(),
    trustList: () => licences.trustList(),
    statusList: async (address) =>
      address.startsWith(ownLists) ? licences.statusList(Number(address.slice(ownLists.length))) : null,
    licenceStatus: async (identifier) => {
      const { asOf, ...status } = await licences.readStatus(identifier)
      return { ...status, asOf: asOf.toISOString() }
    },
  }
}

const LARGEST_ANSWER = 16 << 20

/** A trust folder; with `addresses`, fresh lists and the register's live answer are asked for first, and the folder serves where nobody answers. */
export function evidenceOfFolder(material: TrustMaterial, mayAsk: boolean): EvidenceSource {
  const folder: EvidenceSource = {
    crls: async () => material.crls,
    trustList: async () => material.trustList,
    statusList: async (address) => material.statusLists.get(address) ?? null,
  }
  if (!mayAsk) return folder
  return {
    ...folder,
    statusList: async (address, signal) =>
      (await fetchText(address, signal)) ?? material.statusLists.get(address) ?? null,
    licenceStatus: async (identifier, signal) => {
      const origin = originOf(material)
      const text = origin && (await fetchText(`${origin}/api/licences/${identifier}/status`, signal))
      return text ? (JSON.parse(text) as LiveStatus) : null
    },
  }
}

/** The house whose lists the folder holds. */
function originOf({ statusLists }: TrustMaterial): string | undefined {
  const [address] = statusLists.keys()
  return address === undefined ? undefined : new URL(address).origin
}

async function fetchText(address: string, signal: AbortSignal): Promise<string | null> {
  try {
    const response = await fetch(address, { signal, redirect: 'error' })
    if (!response.ok || response.body === null) return null
    const parts: Uint8Array[] = []
    let length = 0
    for await (const part of response.body) {
      length += part.length
      if (length > LARGEST_ANSWER) return null
      parts.push(part)
    }
    return Buffer.concat(parts).toString('utf8')
  } catch {
    return null
  }
}
