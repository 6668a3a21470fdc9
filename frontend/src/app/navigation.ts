interface Area {
  /** Of its route; its path begins with it. */
  name: string
  icon: string
  label: string
  /** Only administrators see it. */
  admin?: boolean
}

/** The areas of the app, in the order of the menu. */
export const AREAS: readonly Area[] = [
  { name: 'products', icon: 'i-lucide-package', label: 'nav.products' },
  { name: 'review', icon: 'i-lucide-list-checks', label: 'nav.review' },
  { name: 'imports', icon: 'i-lucide-file-input', label: 'nav.imports' },
  { name: 'exports', icon: 'i-lucide-file-output', label: 'nav.exports' },
  { name: 'administration', icon: 'i-lucide-shield', label: 'nav.administration', admin: true },
]
