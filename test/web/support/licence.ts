import { getStatus, parseStatement, parseStatusList } from '../../../licence-format/index.ts'
import { logInTo } from './api.ts'

export interface IssuedLicence {
  readonly identifier: string
  readonly pdf: Buffer
  /** Text of its QR code, in its one written form. */
  readonly statement: string
}

/** The licences of a department of the demonstration that the server made for itself, once there are so many. */
export async function fetchLicences(url: string, username = 'market-issuer', least = 2): Promise<IssuedLicence[]> {
  const cookie = await logInTo(url, username)
  const get = async (path: string) => {
    const response = await fetch(url + path, { headers: { cookie } })
    if (!response.ok) throw new Error(`${path} answered ${response.status}`)
    return response
  }
  const list = async () => {
    type Rows = { readonly items: readonly { readonly identifier: string; readonly status: string }[] }
    const { items } = (await (await get('/api/licences?limit=10')).json()) as Rows
    return items.filter(({ status }) => status === 'in force')
  }
  let items = await list()
  while (items.length < least) {
    await new Promise((resolve) => setTimeout(resolve, 300))
    items = await list()
  }
  return Promise.all(
    items.map(async ({ identifier }) => {
      const answer = (await (await get(`/api/licences/${identifier}`)).json()) as { links: { verification: string } }
      const pdf = Buffer.from(await (await get(`/api/licences/${identifier}/document`)).arrayBuffer())
      return { identifier, pdf, statement: answer.links.verification.replace(/^http:/, 'https:') }
    }),
  )
}

/** Waits until the signed list tells of a licence: it is younger than the licence and has this value at its place. */
export async function untilListed(
  url: string,
  { statement }: Pick<IssuedLicence, 'statement'>,
  value = 0,
): Promise<void> {
  const { claims } = parseStatement(statement)
  for (;;) {
    const answer = await fetch(`${url}/status-lists/${claims.statusList}`)
    // 503: a list that was opened a moment ago is not published yet.
    if (answer.status !== 503) {
      const { list, issuedAt } = await parseStatusList(await answer.text())
      if (issuedAt >= claims.issuedAt && getStatus(list, claims.statusPlace) === value) return
    }
    await new Promise((resolve) => setTimeout(resolve, 300))
  }
}

let changes = 0

/** Suspends, restores or revokes a licence, as its issuer does. */
export async function changeStatus(
  url: string,
  username: string,
  identifier: string,
  act: 'suspensions' | 'restorations' | 'revocations',
  reason: string,
): Promise<void> {
  const headers = {
    cookie: await logInTo(url, username),
    Origin: url,
    'Content-Type': 'application/json',
    'Idempotency-Key': `change-${++changes}`,
  }
  const response = await fetch(`${url}/api/licences/${identifier}/${act}`, {
    method: 'POST',
    headers,
    body: JSON.stringify({ reason }),
  })
  if (!response.ok) throw new Error(`${act} answered ${response.status}: ${await response.text()}`)
}
