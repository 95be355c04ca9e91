import { LicenceError } from '../../errors.ts'
import type { IntakeSource } from '../../store/intake-sources.ts'
import type { Deps } from '../deps.ts'

/**
 * The file at an index address of a source: at one of its origins, no redirection, no private network, one MiB and three seconds at most.
 * @throws LicenceError INTAKE_ADDRESS_REFUSED, INTAKE_FILE_UNREACHABLE
 */
export async function fetchFile(deps: Deps, { origins }: IntakeSource, address: string): Promise<Uint8Array> {
  const url = URL.parse(address)
  const isOfSource = url !== null && origins.includes(url.origin) && url.username === '' && url.password === ''
  if (!isOfSource) throw refused()
  const answer = await deps.askOutside(url.href)
  if ('fault' in answer) {
    if (answer.fault === 'ADDRESS_REFUSED') throw refused()
    const why = answer.fault === 'ANSWER_TOO_LONG' ? 'the file is too large to be fetched: upload it' : 'no answer'
    throw new LicenceError('INTAKE_FILE_UNREACHABLE', why)
  }
  if (answer.status === 200) return answer.bytes
  throw new LicenceError('INTAKE_FILE_UNREACHABLE', `the source answered with status ${answer.status}`)
}

const refused = () =>
  new LicenceError('INTAKE_ADDRESS_REFUSED', 'the address lies at none of the origins that the source was let in with')
