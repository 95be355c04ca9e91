// A trust list in the JSON form of ETSI TS 119 602 (list of trusted entities): written for signing, read from hostile JSON.
import { primitives } from '../pki/index.ts'
import { LicenceFormatError } from './errors.ts'
import { fromBase64, toBase64 } from './jws.ts'
import type {
  Entitlement,
  LocalisedText,
  ServiceKind,
  ServiceState,
  TrustedAddresses,
  TrustedEntity,
  TrustedService,
  TrustList,
} from './trust-list.ts'

const LIST_KIND = 'urn:zhengyin:trust-list:1'
const SERVICE_KIND = 'urn:zhengyin:service:'
const SERVICE_STATE = 'urn:zhengyin:service-state:'
const DEPARTMENT = 'urn:zhengyin:department:1'
const MOST_ENTITIES = 20_000
const MOST_ITEMS = 2000

/** The claims of a trust list, JSON. */
export interface TrustListPayload {
  readonly LoTE: { readonly ListAndSchemeInformation: object; readonly TrustedEntitiesList: readonly object[] }
}

/** The claims of a list for a signer, with the member names of TS 119 602. Throws TRUST_LIST_MALFORMED for times that it cannot name. */
export function trustListPayload(list: TrustList): TrustListPayload {
  return {
    LoTE: {
      ListAndSchemeInformation: {
        LoTEVersionIdentifier: 1,
        LoTESequenceNumber: list.sequenceNumber,
        LoTEType: LIST_KIND,
        SchemeOperatorName: toLocalised(list.operator),
        SchemeName: toLocalised(list.scheme),
        SchemeTerritory: 'CN',
        ListIssueDateTime: toInstant(list.issuedAt),
        NextUpdate: toInstant(list.nextUpdate),
      },
      TrustedEntitiesList: list.entities.map(toEntity),
    },
  }
}

function toEntity(entity: TrustedEntity): object {
  return {
    TrustedEntityInformation: {
      TEName: toLocalised(entity.name),
      TEAddress: {
        TEPostalAddress: [
          {
            lang: 'zh',
            StreetAddress: entity.locality,
            Locality: entity.locality,
            PostalCode: entity.postalCode,
            Country: 'CN',
          },
        ],
        TEElectronicAddress: [{ lang: 'zh', uriValue: entity.website }],
      },
      TEInformationExtensions: [
        {
          ExtensionType: DEPARTMENT,
          CreditCode: entity.code,
          Addresses: entity.addresses,
          Entitlements: entity.entitlements.map(({ typeCode, name, from, until, state }) => ({
            TypeCode: typeCode,
            TypeName: toLocalised(name),
            From: toInstant(from),
            Until: until === null ? null : toInstant(until),
            State: state,
          })),
        },
      ],
    },
    TrustedEntityServices: entity.services.map((service) => toService(entity, service)),
  }
}

const SERVICE_NAMES: Record<ServiceKind, LocalisedText> = {
  seal: { zh: '电子印章', en: 'Seals' },
  statement: { zh: '二维码声明签名', en: 'QR statements' },
  'status-list': { zh: '状态列表签名', en: 'Status lists' },
  'trust-list': { zh: '信任列表签名', en: 'Trust lists' },
  'time-stamp': { zh: '时间戳', en: 'Time stamps' },
}

function toService(entity: TrustedEntity, service: TrustedService): object {
  const periods = service.states.map(({ state, since }) => ({
    ServiceName: toLocalised({
      zh: `${entity.name.zh} ${SERVICE_NAMES[service.kind].zh}`,
      en: `${entity.name.en}: ${SERVICE_NAMES[service.kind].en}`,
    }),
    ServiceDigitalIdentity: { X509Certificates: [{ val: toBase64(service.certificate) }] },
    ServiceTypeIdentifier: SERVICE_KIND + service.kind,
    ServiceStatus: SERVICE_STATE + state,
    StatusStartingTime: toInstant(since),
  }))
  const history = periods.slice(0, -1).reverse()
  return { ServiceInformation: periods.at(-1), ...(history.length > 0 && { ServiceHistory: history }) }
}

function toLocalised({ zh, en }: LocalisedText): object[] {
  return [
    { lang: 'zh', value: zh },
    { lang: 'en', value: en },
  ]
}

/** TS 119 602 writes UTC to the second. What its reader would refuse (years before 0001 and after 9999) is not written. */
function toInstant(instant: Date): string {
  const year = instant.getUTCFullYear()
  if (!(year >= 1 && year <= 9999)) throw malformed('an instant outside the years 0001 to 9999')
  return `${instant.toISOString().slice(0, 19)}Z`
}

/** Reads the claims of a list. Throws TRUST_LIST_MALFORMED, naming the member that does not fit, or what the list names twice. */
export function readTrustListPayload(payload: unknown): TrustList {
  const { LoTE } = record(payload, 'payload')
  const { ListAndSchemeInformation, TrustedEntitiesList } = record(LoTE, 'LoTE')
  const scheme = record(ListAndSchemeInformation, 'ListAndSchemeInformation')
  if (scheme['LoTEType'] !== LIST_KIND) throw malformed('LoTEType')
  const sequenceNumber = scheme['LoTESequenceNumber']
  if (!Number.isSafeInteger(sequenceNumber) || (sequenceNumber as number) < 1) throw malformed('LoTESequenceNumber')
  return {
    sequenceNumber: sequenceNumber as number,
    operator: readLocalised(scheme['SchemeOperatorName'], 'SchemeOperatorName'),
    scheme: readLocalised(scheme['SchemeName'], 'SchemeName'),
    issuedAt: readInstant(scheme['ListIssueDateTime'], 'ListIssueDateTime'),
    nextUpdate: readInstant(scheme['NextUpdate'], 'NextUpdate'),
    entities: readTrustedEntities(TrustedEntitiesList),
  }
}

/**
 * Reads the entities of a list. Throws TRUST_LIST_MALFORMED, also where one department, or one certificate for one purpose, stands twice: their
 * order would decide which entry counts.
 */
function readTrustedEntities(list: unknown): TrustedEntity[] {
  const entities = items(list, 'TrustedEntitiesList', MOST_ENTITIES).map(readEntity)
  expectOnce(
    entities.flatMap(({ code }) => code ?? []),
    'a department',
  )
  const services = entities.flatMap((entity) => entity.services)
  expectOnce(
    services.map(({ kind, certificate }) => `${kind} ${primitives.mapKey(certificate)}`),
    'a certificate for one purpose',
  )
  return entities
}

function readEntity(value: unknown): TrustedEntity {
  const { TrustedEntityInformation, TrustedEntityServices } = record(value, 'TrustedEntity')
  const information = record(TrustedEntityInformation, 'TrustedEntityInformation')
  const { TEPostalAddress, TEElectronicAddress } = record(information['TEAddress'], 'TEAddress')
  const extensions = items(information['TEInformationExtensions'], 'TEInformationExtensions', MOST_ITEMS)
  const department = record(
    extensions.find((item) => record(item, 'TEInformationExtensions')['ExtensionType'] === DEPARTMENT),
    DEPARTMENT,
  )
  const postalAddress = record(items(TEPostalAddress, 'TEPostalAddress', 8)[0], 'TEPostalAddress')
  const code = department['CreditCode']
  return {
    code: code === null ? null : text(code, 'CreditCode'),
    name: readLocalised(information['TEName'], 'TEName'),
    locality: text(postalAddress['Locality'], 'Locality'),
    postalCode: text(postalAddress['PostalCode'], 'PostalCode'),
    website: text(
      record(items(TEElectronicAddress, 'TEElectronicAddress', 8)[0], 'TEElectronicAddress')['uriValue'],
      'uriValue',
    ),
    services: items(TrustedEntityServices, 'TrustedEntityServices', MOST_ITEMS).map(readService),
    entitlements: items(department['Entitlements'], 'Entitlements', MOST_ITEMS).map(readEntitlement),
    addresses: department['Addresses'] === null ? null : readAddresses(department['Addresses']),
  }
}

function readAddresses(value: unknown): TrustedAddresses {
  const addresses = record(value, 'Addresses')
  const address = (name: string) => {
    const written = text(addresses[name], name)
    if (!/^https?:$/.test(URL.parse(written)?.protocol ?? '')) throw malformed(name)
    return written
  }
  return { statements: address('statements'), statusLists: address('statusLists'), licences: address('licences') }
}

function readEntitlement(value: unknown): Entitlement {
  const { TypeCode, TypeName, From, Until, State } = record(value, 'Entitlement')
  if (State !== 'granted' && State !== 'withdrawn') throw malformed('State')
  return {
    typeCode: text(TypeCode, 'TypeCode'),
    name: readLocalised(TypeName, 'TypeName'),
    from: readInstant(From, 'From'),
    until: Until === null ? null : readInstant(Until, 'Until'),
    state: State,
  }
}

function readService(value: unknown): TrustedService {
  const { ServiceInformation, ServiceHistory } = record(value, 'TrustedEntityService')
  const present = readPeriod(ServiceInformation)
  const past = ServiceHistory === undefined ? [] : items(ServiceHistory, 'ServiceHistory', MOST_ITEMS).map(readPeriod)
  const states = [...past.reverse(), present].map(({ state, since }) => ({ state, since }))
  if (states.some(({ since }, i) => i > 0 && since < states[i - 1]!.since)) throw malformed('StatusStartingTime')
  return { kind: present.kind, certificate: present.certificate, states }
}

function readPeriod(value: unknown) {
  const period = record(value, 'ServiceInformation')
  const { X509Certificates } = record(period['ServiceDigitalIdentity'], 'ServiceDigitalIdentity')
  const { val } = record(items(X509Certificates, 'X509Certificates', 1)[0], 'X509Certificates')
  const certificate = fromBase64(text(val, 'val'))
  if (!certificate) throw malformed('val')
  return {
    kind: oneOf<ServiceKind>(
      period['ServiceTypeIdentifier'],
      SERVICE_KIND,
      Object.keys(SERVICE_NAMES),
      'ServiceTypeIdentifier',
    ),
    state: oneOf<ServiceState>(
      period['ServiceStatus'],
      SERVICE_STATE,
      ['granted', 'retired', 'compromised', 'withdrawn'],
      'ServiceStatus',
    ),
    since: readInstant(period['StatusStartingTime'], 'StatusStartingTime'),
    certificate,
  }
}

function oneOf<T extends string>(value: unknown, prefix: string, known: readonly string[], name: string): T {
  const written = text(value, name)
  const short = written.slice(prefix.length)
  if (!written.startsWith(prefix) || !known.includes(short)) throw malformed(name)
  return short as T
}

function readLocalised(value: unknown, name: string): LocalisedText {
  const texts = items(value, name, 20).map((item) => record(item, name))
  const find = (lang: string) => texts.find((item) => item['lang'] === lang)?.['value']
  const zh = text(find('zh'), name)
  return { zh, en: find('en') === undefined ? zh : text(find('en'), name) }
}

function readInstant(value: unknown, name: string): Date {
  const written = text(value, name)
  const instant = new Date(written)
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(written) || Number.isNaN(instant.getTime())) throw malformed(name)
  return instant
}

function record(value: unknown, name: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw malformed(name)
  return value as Record<string, unknown>
}

function items(value: unknown, name: string, most: number): unknown[] {
  if (!Array.isArray(value) || value.length > most) throw malformed(name)
  return value
}

function text(value: unknown, name: string): string {
  if (typeof value !== 'string' || value.length === 0 || value.length > 20_000) throw malformed(name)
  return value
}

/** Throws TRUST_LIST_MALFORMED where something stands twice. */
export function expectOnce(keys: readonly string[], what: string): void {
  if (new Set(keys).size < keys.length)
    throw new LicenceFormatError('TRUST_LIST_MALFORMED', `the trust list names ${what} twice`)
}

function malformed(name: string): LicenceFormatError {
  return new LicenceFormatError('TRUST_LIST_MALFORMED', `the trust list is not of the expected form at ${name}`)
}
