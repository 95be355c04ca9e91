// `certify`: a certificate for a key that a department holds in a device of its own, by a request that proves it.
import { x509 } from '../../pki/index.ts'
import { type Config, createLog, loadConfig, systemClock, systemIds } from '../../platform/index.ts'
import { readCallerFile } from '../caller-path.ts'
import { CommandError } from '../errors.ts'
import { findOperator } from '../receipts.ts'
import { type House, openHouse } from '../wire.ts'

const REQUEST = /-----BEGIN (?:NEW )?CERTIFICATE REQUEST-----([A-Za-z0-9+/=\s]+)-----END/

interface CertifyOptions {
  readonly request: string
  readonly department?: string
  readonly receipts?: true
  readonly name?: string
}

/** Prints certificate and chain as PEM. The department names the subject; what the request says of one does not count. */
export async function certifyRequest(options: CertifyOptions): Promise<void> {
  const bytes = await readCallerFile(options.request)
  const text = REQUEST.exec(bytes.toString('latin1'))?.[1]
  const csr = new Uint8Array(text === undefined ? bytes : Buffer.from(text, 'base64'))
  if ((options.department === undefined) === (options.receipts === undefined))
    throw new CommandError('DEPARTMENT_NOT_NAMED', 'expected --department for a seal, or --receipts for a verifier')
  const config = loadConfig()
  const house = await openHouse({
    ...config,
    clock: systemClock,
    ids: systemIds,
    log: createLog({ level: 'warn' }),
  })
  try {
    const { certificate, chain } = options.receipts
      ? await house.pki.certifyRequest({ profile: 'receipt', subject: ofVerifier(house, config, options.name), csr })
      : await house.pki.certifyRequest({ profile: 'seal', subject: await ofSeal(house, options), csr })
    process.stdout.write([certificate, ...chain].map((der) => x509.encodePem(der)).join(''))
  } finally {
    await house.close()
  }
}

async function ofSeal(house: House, { department: code = '', name }: CertifyOptions) {
  const department = await house.directory.department(code)
  if (!department) throw new CommandError('DEPARTMENT_NOT_NAMED', `there is no department ${code}`)
  const { zh } = department.name
  return { organisation: zh, organisationCode: department.code, commonName: name ?? zh }
}

/** A verifier's own process signs receipts in the name of whoever runs the house. */
function ofVerifier({ pki }: House, config: Config, name = '核验回执 Verification Receipts') {
  const { isProduction, operatorCode, operatorName } = config
  const named = { ...(operatorCode && { operatorCode }), ...(operatorName && { operatorName }) }
  const operator = findOperator({ pki, isProduction, ...named })
  if (!operator)
    throw new CommandError('OPERATOR_UNKNOWN', 'nobody says by which code the house is known: OPERATOR_CODE')
  return { ...operator, commonName: name }
}
