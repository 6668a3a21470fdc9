/** The areas of the app, in the order of the menu. */
export const AREAS = [{ name: 'products', icon: 'i-lucide-package', label: 'nav.products' }] as const
