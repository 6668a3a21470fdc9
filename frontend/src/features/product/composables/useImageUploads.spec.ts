import { describe, expect, it, vi } from 'vitest'
import { ref } from 'vue'
import { toProblemError } from '@/api/problem'
import { MAX_BYTES, useImageUploads } from './useImageUploads'

const photo = (name: string, type = 'image/png') => new File(['x'], name, { type })

describe('useImageUploads', () => {
  it('sends one after the other, and forgets what is done', async () => {
    const sent: string[] = []
    const uploaded = vi.fn()
    const { uploads, add } = useImageUploads(ref('p1'), uploaded, async (url, file) => {
      expect(uploads.value).toHaveLength(2 - sent.length)
      sent.push(`${url} ${file.name}`)
    })
    await add([photo('a.png'), photo('b.png')])
    expect(sent).toEqual(['/api/v1/products/p1/images a.png', '/api/v1/products/p1/images b.png'])
    expect(uploaded).toHaveBeenCalledTimes(2)
    expect(uploads.value).toEqual([])
  })

  it('keeps what failed, with its reason, and goes on', async () => {
    const { uploads, add, dismiss } = useImageUploads(
      ref('p1'),
      () => undefined,
      async (_url, file) => {
        if (file.name === 'a.png') throw toProblemError({ type: '/problems/image-unreadable', title: '', status: 422 })
      },
    )
    await add([photo('a.png'), photo('b.png')])
    expect(uploads.value.map(({ name, problem }) => [name, problem?.type])).toEqual([
      ['a.png', '/problems/image-unreadable'],
    ])
    dismiss(uploads.value[0]?.id ?? 0)
    expect(uploads.value).toEqual([])
  })

  it('refuses at once what the server would refuse', async () => {
    const transport = vi.fn()
    const { uploads, add } = useImageUploads(ref('p1'), () => undefined, transport)
    const large = photo('large.png')
    Object.defineProperty(large, 'size', { value: MAX_BYTES + 1 })
    await add([photo('notes.txt', 'text/plain'), large])
    expect(uploads.value.map(({ problem }) => problem?.status)).toEqual([415, 413])
    expect(transport).not.toHaveBeenCalled()
  })

  it('tells how far it is', async () => {
    const { uploads, add } = useImageUploads(
      ref('p1'),
      () => undefined,
      async (_url, _file, onProgress) => {
        onProgress(0.5)
        expect(uploads.value[0]?.progress).toBe(0.5)
      },
    )
    await add([photo('a.png')])
  })
})
