import { describe, expect, it } from 'vitest'
import { describeProblem } from './useProblems'

const messages: Record<string, string> = {
  'problems.sku-taken.title': 'Otro producto tiene este SKU',
  'problems.image-too-large.title': 'La foto es demasiado grande',
  'problems.image-too-large.detail': 'Como máximo 20 MB.',
}
const translator = { t: (key: string) => messages[key] ?? key, te: (key: string) => key in messages }

describe('describeProblem', () => {
  it('says it in the language of the reader, and keeps the words of the server beside it', () => {
    const problem = { type: '/problems/image-too-large', title: 'x', status: 413, detail: '21 MB' }
    expect(describeProblem(problem, translator)).toEqual({
      title: 'La foto es demasiado grande',
      description: 'Como máximo 20 MB.',
      technical: '21 MB',
    })
  })

  it('takes the detail of the server where we have none', () => {
    const problem = { type: '/problems/sku-taken', title: 'x', status: 409, detail: 'SKU A-1' }
    expect(describeProblem(problem, translator)).toMatchObject({ description: 'SKU A-1', technical: undefined })
  })

  it.each(['/problems/brand-new', 'about:blank', ''])('falls back to the words of the server for %j', (type) => {
    expect(describeProblem({ type, title: 'New', status: 400, detail: 'Why' }, translator)).toEqual({
      title: 'New',
      description: 'Why',
      technical: undefined,
    })
  })
})
