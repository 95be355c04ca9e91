// `certify`: a certificate for a key that a department holds in a device of its own, by a request that proves it.
import { x509 } from '../../pki/index.ts'
import { createLog, loadConfig, systemClock, systemIds } from '../../platform/index.ts'
import { readCallerFile } from '../caller-path.ts'
import { CommandError } from '../errors.ts'
import { openHouse } from '../wire.ts'

const REQUEST = /-----BEGIN (?:NEW )?CERTIFICATE REQUEST-----([A-Za-z0-9+/=\s]+)-----END/

/** Prints certificate and chain as PEM. The department names the subject; what the request says of one does not count. */
export async function certifyRequest(options: { request: string; department: string; name?: string }): Promise<void> {
  const bytes = await readCallerFile(options.request)
  const text = REQUEST.exec(bytes.toString('latin1'))?.[1]
  const csr = new Uint8Array(text === undefined ? bytes : Buffer.from(text, 'base64'))
  const house = await openHouse({
    ...loadConfig(),
    clock: systemClock,
    ids: systemIds,
    log: createLog({ level: 'warn' }),
  })
  try {
    const department = await house.directory.department(options.department)
    if (!department) throw new CommandError('DEPARTMENT_NOT_NAMED', `there is no department ${options.department}`)
    const { certificate, chain } = await house.pki.certifyRequest({
      profile: 'seal',
      subject: {
        organisation: department.name.zh,
        organisationCode: department.code,
        commonName: options.name ?? department.name.zh,
      },
      csr,
    })
    process.stdout.write([certificate, ...chain].map((der) => x509.encodePem(der)).join(''))
  } finally {
    await house.close()
  }
}
