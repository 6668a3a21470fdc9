import { describe, expect, it } from 'vitest'
import { hostAndPath, safeLink } from './links'

describe('safeLink', () => {
  it('follows web pages', () => {
    expect(safeLink('https://shop.example/kettle')).toBe('https://shop.example/kettle')
  })

  it.each(['javascript:alert(1)', 'data:text/html,x', 'file:///etc/passwd', 'kettle'])('refuses %s', (url) => {
    expect(safeLink(url)).toBeNull()
  })
})

describe('hostAndPath', () => {
  it('leaves out what tells little', () => {
    expect(hostAndPath('https://shop.example/caf%C3%A9?utm=1')).toBe('shop.example/café')
    expect(hostAndPath('https://shop.example/')).toBe('shop.example')
  })

  it.each(['not a url', 'https://shop.example/%E0%A4%A'])('shows %s as it is', (url) => {
    expect(hostAndPath(url)).toBe(url)
  })
})
