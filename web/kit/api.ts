import { ApiProblem, toProblem } from './problem.ts'

export interface CallOptions {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'DELETE'
  /** An object is sent as JSON, a Blob as it is. */
  readonly body?: object | Blob
  readonly headers?: Readonly<Record<string, string>>
  readonly signal?: AbortSignal
}

const isJson = (type: string | null) => /[/+]json\b/.test(type ?? '')

async function send(path: string, { method = 'GET', body, headers, signal }: CallOptions): Promise<Response> {
  const payload = body === undefined || body instanceof Blob ? body : JSON.stringify(body)
  let response: Response
  try {
    response = await fetch(path, {
      method,
      credentials: 'same-origin',
      headers: {
        ...(payload !== undefined && !(body instanceof Blob) && { 'Content-Type': 'application/json' }),
        ...headers,
      },
      ...(payload !== undefined && { body: payload }),
      ...(signal && { signal }),
    })
  } catch (cause) {
    if (signal?.aborted) throw cause
    throw new ApiProblem({ status: 0 }, { cause })
  }
  if (response.ok) return response
  const answer: unknown = isJson(response.headers.get('content-type')) ? await response.json().catch(() => null) : null
  throw new ApiProblem(toProblem(response.status, answer, response.headers.get('retry-after')))
}

/**
 * Calls the API and gives its JSON answer (undefined for an empty one).
 * @throws ApiProblem when the server refuses, fails or cannot be reached; the abort reason when `signal` stops it.
 */
export async function callApi<T>(path: string, options: CallOptions = {}): Promise<T> {
  const response = await send(path, { ...options, headers: { Accept: 'application/json', ...options.headers } })
  const text = await response.text()
  return (text === '' ? undefined : JSON.parse(text)) as T
}

/** Logs out. A session that ended already (401), or gave way to one of another kind (403), is no problem. @throws ApiProblem where it may still live */
export async function endSession(path: string): Promise<void> {
  try {
    await callApi(path, { method: 'DELETE' })
  } catch (error) {
    if (!(error instanceof ApiProblem) || ![401, 403].includes(error.problem.status)) throw error
  }
}

/** Fetches a file (a licence, a preview). Errors as `callApi`. */
export async function fetchFile(path: string, options: CallOptions = {}): Promise<Blob> {
  return (await send(path, options)).blob()
}

/**
 * Posts a file under its own media type, or a form, and reports how much of it (0 to 1) has gone up; `fetch` cannot say that, so this is an XMLHttpRequest.
 * Errors as `callApi`.
 */
export function uploadFile<T>(
  path: string,
  file: Blob | FormData,
  onProgress: (part: number) => void,
  headers: Readonly<Record<string, string>> = {},
): Promise<T> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest()
    request.open('POST', path)
    request.responseType = 'json'
    if (file instanceof Blob) request.setRequestHeader('Content-Type', file.type)
    for (const [name, value] of Object.entries({ Accept: 'application/json', ...headers }))
      request.setRequestHeader(name, value)
    request.upload.onprogress = ({ loaded, total }) => onProgress(total > 0 ? loaded / total : 0)
    request.onload = () => {
      if (request.status >= 200 && request.status < 300) resolve(request.response as T)
      else reject(new ApiProblem(toProblem(request.status, request.response, request.getResponseHeader('retry-after'))))
    }
    request.onerror = () => reject(new ApiProblem({ status: 0 }))
    request.send(file)
  })
}

/** Hands a file to the browser's download. */
export function saveFile(file: Blob, name: string): void {
  const url = URL.createObjectURL(file)
  const link = document.createElement('a')
  link.href = url
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(url), 60_000)
}
