/** A link that may be followed: pages name what they like as their address, and `javascript:` is one of them. */
export function safeLink(url: string): string | null {
  try {
    const parsed = new URL(url)
    return parsed.protocol === 'https:' || parsed.protocol === 'http:' ? parsed.href : null
  } catch {
    return null
  }
}

/** `https://shop.example/a/b?c` → `shop.example/a/b`, for where space is short. */
export function hostAndPath(url: string): string {
  try {
    const { host, pathname } = new URL(url)
    return host + (pathname === '/' ? '' : decodeURI(pathname))
  } catch {
    return url
  }
}
