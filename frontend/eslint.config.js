import { readdirSync } from 'node:fs'
import prettier from 'eslint-config-prettier'
import vue from 'eslint-plugin-vue'
import tseslint from 'typescript-eslint'

const features = readdirSync(new URL('./src/features', import.meta.url))

/** A feature sees itself and what is shared; another feature is reached only through `src/app`. */
const featureWalls = features.map((feature) => ({
  files: [`src/features/${feature}/**`],
  rules: {
    'no-restricted-imports': [
      'error',
      {
        patterns: [
          {
            regex: `(^|/)features/(?!${feature}(/|$))|^(\\.\\./)+(${features.filter((other) => other !== feature).join('|')})(/|$)`,
            message: 'Features never import one another: move what both need to src/components or src/composables.',
          },
          { group: ['@/app/*'], message: 'The app imports features, not the other way round.' },
        ],
      },
    ],
  },
}))

export default tseslint.config(
  { ignores: ['dist', 'src/api/generated', 'components.d.ts', 'playwright-report', 'test-results'] },
  tseslint.configs.recommended,
  vue.configs['flat/recommended'],
  { files: ['**/*.vue'], languageOptions: { parserOptions: { parser: tseslint.parser } } },
  {
    rules: {
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
      '@typescript-eslint/consistent-type-imports': 'error',
      'no-console': 'error',
      'no-undef': 'off',
      'vue/no-v-html': 'error',
      'vue/block-lang': ['error', { script: { lang: 'ts' } }],
      'vue/component-name-in-template-casing': ['error', 'PascalCase'],
      'vue/define-macros-order': 'error',
      'vue/require-default-prop': 'off',
    },
  },
  {
    files: ['src/components/**', 'src/composables/**', 'src/api/**'],
    rules: {
      'no-restricted-imports': [
        'error',
        { patterns: [{ group: ['@/features/*', '@/app/*'], message: 'Shared code knows neither features nor app.' }] },
      ],
    },
  },
  ...featureWalls,
  prettier,
)
