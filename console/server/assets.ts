import { basename, join } from 'node:path'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { build } from 'esbuild'

/** A file of the pages, in memory. */
export interface Asset {
  readonly type: string
  readonly body: Buffer
  readonly gzipped: Buffer
}

/** The pages: their files by path, and the document that every page's address gets. */
export interface Assets {
  readonly files: ReadonlyMap<string, Asset>
  readonly document: Asset
}

const WEB = join(import.meta.dirname, '..', 'web')

const TYPES: Readonly<Record<string, string>> = {
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
}

/** Builds the pages. Files have their content's hash in their names; pages with a chart load it when they are opened. */
export async function buildAssets(): Promise<Assets> {
  const { outputFiles, metafile } = await build({
    absWorkingDir: WEB,
    entryPoints: { main: 'main.tsx' },
    entryNames: '[name]-[hash]',
    chunkNames: '[name]-[hash]',
    outdir: 'assets',
    bundle: true,
    splitting: true,
    format: 'esm',
    target: 'es2023',
    minify: true,
    legalComments: 'none',
    metafile: true,
    write: false,
    logLevel: 'silent',
  })
  const files = new Map<string, Asset>()
  for (const { path, contents } of outputFiles) {
    const name = basename(path)
    files.set(`/assets/${name}`, await assetOf(TYPES[name.split('.').at(-1) ?? ''] ?? '', contents))
  }
  const main = Object.entries(metafile.outputs).find(([, { entryPoint }]) => entryPoint === 'main.tsx')
  if (!main) throw new Error('esbuild made no main.js of console/web/main.tsx')
  const [script, { cssBundle }] = main
  return { files, document: await assetOf('text/html; charset=utf-8', documentOf(script, cssBundle)) }
}

const documentOf = (script: string, style: string | undefined) => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Keeper</title>
<link rel="icon" href="data:,">
${style ? `<link rel="stylesheet" href="/${style}">` : ''}
<script type="module" src="/${script}"></script>
</head>
<body><div id="app"></div></body>
</html>
`

/** @param type its content type */
export async function assetOf(type: string, content: string | Uint8Array): Promise<Asset> {
  const body = Buffer.from(content)
  return { type, body, gzipped: await promisify(gzip)(body, { level: 9 }) }
}
