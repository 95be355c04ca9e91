/** Calls of the API as accounts of the demonstration, each logged in once. */
export function createCaller(url: string) {
  const cookies = new Map<string, Promise<string>>()
  const cookieOf = (username: string): Promise<string> => {
    const known = cookies.get(username) ?? logInTo(url, username)
    cookies.set(username, known)
    return known
  }
  let calls = 0
  /** The JSON answer; undefined where there is none. Throws what the server said where it refuses. */
  return async function call<T>(username: string, method: string, path: string, body?: object): Promise<T> {
    const response = await fetch(url + path, {
      method,
      headers: {
        cookie: await cookieOf(username),
        Origin: url,
        'Content-Type': 'application/json',
        'Idempotency-Key': `call-${url}-${++calls}`,
      },
      ...(body && { body: JSON.stringify(body) }),
    })
    if (!response.ok) throw new Error(`${path} answered ${response.status}: ${await response.text()}`)
    return (response.status === 204 ? undefined : await response.json()) as T
  }
}

/** Logs in as an account of the demonstration; gives the cookie to send along. */
export async function logInTo(url: string, username: string): Promise<string> {
  const login = await fetch(`${url}/api/sessions`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', Origin: url },
    body: JSON.stringify({ username, password: `demo-${username}` }),
  })
  if (!login.ok) throw new Error(`logging in answered ${login.status}`)
  return login.headers
    .getSetCookie()
    .map((line) => line.split(';')[0])
    .join('; ')
}
