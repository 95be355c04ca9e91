/** The path `/h/{token}` in what a person pasted: a whole link or only its path. Undefined when there is none. */
export function holderPath(text: string): string | undefined {
  const path = /(?:^|\/)(h\/[A-Za-z0-9_-]{16,})\/?$/.exec(text.trim())?.[1]
  return path && `/${path}`
}
