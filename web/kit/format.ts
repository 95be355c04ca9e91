import { todayInChina } from './clock.ts'
import { type Language, language } from './language.ts'

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** A day `YYYY-MM-DD` as people write it: 2026年11月21日, 21 Nov 2026. Anything else comes back as it is. */
export function formatDay(day: string, tongue: Language = language.value): string {
  const parts = /^(\d{4})-(\d{2})-(\d{2})$/.exec(day)
  if (!parts) return day
  const [year, month, date] = [Number(parts[1]), Number(parts[2]), Number(parts[3])]
  return tongue === 'zh' ? `${year}年${month}月${date}日` : `${date} ${months[month - 1] ?? month} ${year}`
}

/** The last day of validity; no end is 长期, "no end". */
export function formatEnd(day: string | null, tongue: Language = language.value): string {
  return day ? formatDay(day, tongue) : tongue === 'zh' ? '长期' : 'no end'
}

/** The day in Beijing on which an instant falls, as people write it; texts that are no instant come back as they are. */
export function formatDayOf(instant: string, tongue: Language = language.value): string {
  const at = new Date(instant)
  return Number.isNaN(at.getTime()) ? instant : formatDay(todayInChina(at), tongue)
}

/** An instant in Beijing time to the minute; texts that are no instant come back as they are. */
export function formatInstant(instant: string | Date, tongue: Language = language.value): string {
  const at = new Date(instant)
  if (Number.isNaN(at.getTime())) return String(instant)
  const local = new Intl.DateTimeFormat('sv-SE', {
    timeZone: 'Asia/Shanghai',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
  }).format(at)
  const [day = '', time = ''] = local.split(' ')
  return tongue === 'zh' ? `${formatDay(day, 'zh')} ${time}` : `${formatDay(day, 'en')}, ${time} (Beijing)`
}

/** 734 KB, 1.2 MB, 2 MB: sizes as file managers show them, in powers of 1,024. */
export function formatSize(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`
  return bytes < 1024 ** 2 ? `${Math.round(bytes / 1024)} KB` : `${Number((bytes / 1024 ** 2).toFixed(1))} MB`
}

const spans = [
  { ms: 86_400_000, zh: '天', en: 'day' },
  { ms: 3_600_000, zh: '小时', en: 'hour' },
  { ms: 60_000, zh: '分钟', en: 'minute' },
] as const

/** How long ago, in the largest unit that fits: 3 分钟前, 2 days ago; less than a minute (or the future) is 刚刚, just now. */
export function formatAge(from: Date, now: Date, tongue: Language = language.value): string {
  const age = now.getTime() - from.getTime()
  const span = spans.find(({ ms }) => age >= ms)
  if (!span) return tongue === 'zh' ? '刚刚' : 'just now'
  const count = Math.floor(age / span.ms)
  return tongue === 'zh' ? `${count} ${span.zh}前` : `${count} ${span.en}${count === 1 ? '' : 's'} ago`
}

/** How long something takes, in the two largest units that matter: 2 小时 5 分, 40 s; for what is left, so it is rounded up. */
export function formatSpan(seconds: number, tongue: Language = language.value): string {
  const units = tongue === 'zh' ? (['小时', '分', '秒'] as const) : (['h', 'min', 's'] as const)
  const whole = Math.ceil(seconds)
  const parts = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60]
  const first = parts.findIndex((part) => part > 0)
  if (first === -1) return `0 ${units[2]}`
  return parts
    .map((part, at) => ({ part, at }))
    .filter(({ part, at }) => part > 0 && at < first + 2)
    .map(({ part, at }) => `${part} ${units[at]}`)
    .join(' ')
}

const grouped = new Intl.NumberFormat('en')
/** 1,234,567 */
export const formatCount = (count: number): string => grouped.format(count)

/** A count of which something may not be told: then it is more, and null where nothing of it is told. */
export interface ToldCount {
  readonly value: number | null
  readonly isLeast?: boolean
}

/** 23, ≥ 20, 不公布 */
export function formatTold({ value, isLeast = false }: ToldCount, tongue: Language = language.value): string {
  if (value === null) return tongue === 'zh' ? '不公布' : 'not told'
  return isLeast ? `≥ ${formatCount(value)}` : formatCount(value)
}
