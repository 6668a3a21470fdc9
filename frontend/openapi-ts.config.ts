import { defineConfig } from '@hey-api/openapi-ts'

export default defineConfig({
  input: '../backend/openapi.json',
  output: { path: 'src/api/generated', clean: true },
  parser: {
    patch: {
      operations: (_method, path, operation) => {
        // FastAPI appends path and method to the function's name; the name alone is unique here.
        const suffix = `_${path.replaceAll(/[^a-zA-Z0-9]/g, '_').replace(/^_/, '')}`
        operation.operationId = operation.operationId?.split(suffix)[0]
      },
    },
  },
  plugins: ['@hey-api/client-fetch', '@hey-api/typescript', '@hey-api/sdk'],
})
