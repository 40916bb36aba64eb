import { generateKeyPairSync, sign } from 'node:crypto'

/**
 * A key and a certificate for one name, made on the spot, so that no key lies in the repository.
 * https://www.rfc-editor.org/rfc/rfc5280#section-4.1
 */
export function selfSigned(name: string): { readonly key: string; readonly cert: string } {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' })
  const issuer = sequence(der(0x31, sequence(oid('550403'), der(0x0c, Buffer.from(name)))))
  const algorithm = sequence(oid('2a8648ce3d040302'))
  const day = 86_400_000
  const certificate = sequence(
    der(0xa0, integer(2)),
    integer(1),
    algorithm,
    issuer,
    sequence(time(Date.now() - day), time(Date.now() + day)),
    issuer,
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, sequence(sequence(oid('551d11'), der(0x04, sequence(der(0x82, Buffer.from(name))))))),
  )
  const signature = der(0x03, Buffer.concat([Buffer.of(0), sign('sha256', certificate, privateKey)]))
  const base64 = sequence(certificate, algorithm, signature).toString('base64')
  return {
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    cert: `-----BEGIN CERTIFICATE-----\n${base64.replace(/(.{64})/g, '$1\n').trim()}\n-----END CERTIFICATE-----\n`,
  }
}

function der(tag: number, ...contents: readonly Buffer[]): Buffer {
  const content = Buffer.concat(contents)
  const { length } = content
  const size = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 255]
  return Buffer.concat([Buffer.of(tag, ...size), content])
}

const sequence = (...contents: readonly Buffer[]): Buffer => der(0x30, ...contents)
const integer = (value: number): Buffer => der(0x02, Buffer.of(value))
const oid = (hex: string): Buffer => der(0x06, Buffer.from(hex, 'hex'))
const time = (ms: number): Buffer =>
  der(
    0x17,
    Buffer.from(
      `${new Date(ms)
        .toISOString()
        .replace(/[-:T]|\.\d+/g, '')
        .slice(2)}`,
    ),
  )
