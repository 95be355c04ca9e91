import { pino } from 'pino'

export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent'

/** Structured log. Details are JSON members; whatever is on the redaction list never reaches the line. */
export interface Log {
  debug(message: string, details?: object): void
  info(message: string, details?: object): void
  warn(message: string, details?: object): void
  error(message: string, details?: object): void
}

/** Members whose values are never written, whatever the depth; compared without case, `_` and `-`. */
const SECRET_MEMBERS = new Set(
  [
    ...[
      'authorization',
      'cookie',
      'setCookie',
      'password',
      'passphrase',
      'secret',
      'token',
      'accessToken',
      'apiKey',
      'key',
      'privateKey',
      'session',
    ],
    ...['identityNumber', 'lastSix', 'fields', 'data', 'body', 'pdf', 'params'],
    ...['url', 'originalUrl', 'path', 'statement', 'statementText'],
  ].map(normalise),
)
const MAX_DEPTH = 6
const REDACTED = '[redacted]'
/** A resident identity number (GB 11643), wherever it stands in a text. */
const IDENTITY_NUMBER = /(?<!\d)\d{17}[\dXx](?!\d)/g

function normalise(member: string): string {
  return member.toLowerCase().replaceAll(/[_-]/g, '')
}

const withoutIdentities = (text: string): string => text.replace(IDENTITY_NUMBER, REDACTED)

/** A copy fit for a log line: secret members replaced, bytes as their length, errors as name, code, message, stack and cause. */
export function redact(value: unknown, depth = 0): unknown {
  if (typeof value === 'string') return withoutIdentities(value)
  if (value === null || typeof value !== 'object') return typeof value === 'bigint' ? value.toString() : value
  if (depth > MAX_DEPTH) return '[deep]'
  if (value instanceof Date) return value
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`
  if (value instanceof Error) return redactError(value, depth)
  if (Array.isArray(value)) return value.map((element) => redact(element, depth + 1))
  return Object.fromEntries(
    Object.entries(value).map(([member, inner]) => [
      member,
      SECRET_MEMBERS.has(normalise(member)) ? REDACTED : redact(inner, depth + 1),
    ]),
  )
}

/** SQLSTATE class 22: PostgreSQL quotes the offending value in the message. Its `detail` and `where` are never taken over. */
const QUOTES_DATA = /^22...$/

function redactError(error: Error, depth: number): object {
  const { code, constraint } = error as Error & { code?: unknown; constraint?: unknown }
  const isSafe = typeof code !== 'string' || !QUOTES_DATA.test(code)
  return {
    name: error.name,
    ...(code === undefined ? {} : { code }),
    ...(constraint === undefined ? {} : { constraint }),
    message: isSafe ? withoutIdentities(error.message) : REDACTED,
    stack: withoutIdentities((isSafe ? error.stack : error.stack?.replace(error.message, REDACTED)) ?? ''),
    ...(error.cause === undefined ? {} : { cause: redact(error.cause, depth + 1) }),
  }
}

/** One JSON object a line; standard error by default, because standard output belongs to a command's answer. */
export function createLog(options: { readonly level: LogLevel; readonly write?: (line: string) => void }): Log {
  const { write } = options
  const sink = write ? { write } : pino.destination({ fd: 2, sync: true })
  const logger = pino(
    {
      level: options.level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (level) => ({ level }) },
    },
    sink,
  )
  const at =
    (level: Exclude<LogLevel, 'silent'>) =>
    (message: string, details: object = {}): void => {
      if (logger.isLevelEnabled(level)) logger[level](redact(details) as object, withoutIdentities(message))
    }
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') }
}
