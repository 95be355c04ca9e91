// Where evidence comes from: the house itself in a server, a trust folder and the network on the command line.
import type { PublicStatus } from '../licence-service/index.ts'
import { ca, PkiError, x509 } from '../pki/index.ts'
import type { EvidenceSource, LiveStatus } from '../verifier/index.ts'
import type { TrustMaterial } from './trust-folder.ts'
import type { House } from './wire.ts'

/** The services' own answers. A list of another house is not asked for: its address is not ours. */
export function evidenceOfHouse({ crls, licences }: Pick<House, 'crls' | 'licences'>, baseUrl: string): EvidenceSource {
  const ownLists = `${baseUrl}/status-lists/`
  return {
    crls,
    trustList: () => licences.trustList(),
    statusList: async (address) =>
      address.startsWith(ownLists) ? licences.statusList(Number(address.slice(ownLists.length))) : null,
    licenceStatus: async (identifier) => liveStatusOf(await licences.readStatus(identifier)),
  }
}

/** The register's answer as it would come over HTTP. */
export const liveStatusOf = ({ asOf, history, ...status }: PublicStatus): LiveStatus => ({
  ...status,
  asOf: asOf.toISOString(),
  history: history.map(({ status: past, from }) => ({ status: past, from: from.toISOString() })),
})

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
    ocsps: async (certificates, signal) => {
      const origin = originOf(material)
      const requests = await ocspRequests([...certificates, ...material.anchors, ...(material.sealAnchors ?? [])])
      const answers = requests.map((body) => (origin ? fetchBytes(`${origin}/pki/ocsp`, signal, ocspPost(body)) : null))
      return (await Promise.all(answers)).filter((answer) => answer !== null)
    },
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

const MOST_QUESTIONS = 8

/** One request about each certificate whose issuer is at hand. Only the house of the folder is asked, whatever the certificates say. */
async function ocspRequests(ders: readonly Uint8Array[]): Promise<Uint8Array[]> {
  const certificates = ders.flatMap((der) => {
    try {
      return [x509.parseCertificate(der)]
    } catch (error) {
      if (error instanceof PkiError) return []
      throw error
    }
  })
  const unique = [...new Map(certificates.map((certificate) => [certificate.serialNumberHex, certificate])).values()]
  const questions = unique.flatMap((certificate) => {
    const issuer = unique.find(({ subject }) => subject.matchKey === certificate.issuer.matchKey)
    return issuer && issuer !== certificate ? [{ certificate, issuer }] : []
  })
  return Promise.all(
    questions.slice(0, MOST_QUESTIONS).map(async ({ certificate, issuer }) => {
      const certId = await ca.createCertId(issuer.raw, certificate.serialNumber)
      return ca.encodeOcspRequest({ certIds: [certId] })
    }),
  )
}

const ocspPost = (body: Uint8Array): RequestInit => ({
  method: 'POST',
  headers: { 'Content-Type': 'application/ocsp-request' },
  body: new Uint8Array(body),
})

async function fetchText(address: string, signal: AbortSignal): Promise<string | null> {
  const bytes = await fetchBytes(address, signal)
  return bytes && Buffer.from(bytes).toString('utf8')
}

async function fetchBytes(address: string, signal: AbortSignal, request: RequestInit = {}): Promise<Uint8Array | null> {
  try {
    const response = await fetch(address, { ...request, signal, redirect: 'error' })
    if (!response.ok || response.body === null) return null
    const parts: Uint8Array[] = []
    let length = 0
    for await (const part of response.body) {
      length += part.length
      if (length > LARGEST_ANSWER) return null
      parts.push(part)
    }
    return new Uint8Array(Buffer.concat(parts))
  } catch {
    return null
  }
}
