import { ref } from 'vue'

/** A text in both languages of the pages. The API's texts have the same shape, so `say` takes either. */
export interface Text {
  readonly zh: string
  readonly en: string
}
export type Language = keyof Text

const storageKey = 'zhengyin-language'

/** Chosen before, else what the browser asks for, else Chinese. */
export function chooseLanguage(remembered: string | null, wanted: readonly string[]): Language {
  if (remembered === 'zh' || remembered === 'en') return remembered
  for (const tag of wanted) {
    if (/^zh\b/i.test(tag)) return 'zh'
    if (/^en\b/i.test(tag)) return 'en'
  }
  return 'zh'
}

/** Storage is refused in some private windows; the choice then simply does not outlive the page. */
function remembered(): string | null {
  try {
    return localStorage.getItem(storageKey)
  } catch {
    return null
  }
}

export const language = ref<Language>(
  typeof navigator === 'undefined' ? 'zh' : chooseLanguage(remembered(), navigator.languages),
)

let title: Text | undefined

function showOnDocument(): void {
  document.documentElement.lang = language.value === 'zh' ? 'zh-CN' : 'en'
  if (title) document.title = `${say(title)} · ${language.value === 'zh' ? '证印' : 'Zhengyin'}`
}

/** Sets the document's title and language now and whenever the language changes. */
export function titlePage(text: Text): void {
  title = text
  showOnDocument()
}

export function setLanguage(next: Language): void {
  language.value = next
  try {
    localStorage.setItem(storageKey, next)
  } catch {
    // Not remembered, still switched.
  }
  showOnDocument()
}

/** The text in the chosen language; `{name}` in it is replaced by `values.name`. */
export function say(text: Text, values: Readonly<Record<string, string | number>> = {}): string {
  return text[language.value].replace(/\{(\w+)\}/g, (whole, name: string) => `${values[name] ?? whole}`)
}

/** Several things told as one: with 、 in Chinese, with commas in English. */
export const sayList = (parts: readonly string[]): string => parts.join(language.value === 'zh' ? '、' : ', ')
